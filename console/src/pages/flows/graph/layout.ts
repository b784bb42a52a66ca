/** Where the nodes of a flow stand: layered from start to end by dagre, sizes from what is in them. Pixels. */
import { Graph, layout } from "@dagrejs/dagre";
import type { FlowGraph, GraphNode } from "../../../api/flows";

export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const sizes = {
  width: 230,
  head: 52,
  step: 20,
  barrier: 14,
  wait: 62,
  terminal: { width: 150, height: 34 },
} as const;

function sizeOf(node: GraphNode): { readonly width: number; readonly height: number } {
  if (node.kind === "end" || node.kind === "park") return sizes.terminal;
  if (node.kind === "wait") return { width: sizes.width, height: sizes.wait };
  const barriers = node.steps.filter(({ barrier }) => barrier).length;
  return {
    width: sizes.width,
    height: sizes.head + node.steps.length * sizes.step + barriers * sizes.barrier,
  };
}

/** By node id; the same graph always stands the same way. */
export function placesOf({ nodes, edges }: FlowGraph): ReadonlyMap<string, Placed> {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 36, ranksep: 64, edgesep: 18, marginx: 16, marginy: 16 });
  for (const node of nodes) graph.setNode(node.id, { ...sizeOf(node) });
  for (const { from, to, outcome } of edges) graph.setEdge(from, to, { width: 60, height: 16 }, outcome);
  layout(graph);
  return new Map(
    nodes.map(({ id }) => {
      const { x = 0, y = 0, width = 0, height = 0 } = graph.node(id) as Partial<Placed>;
      // dagre tells centres, React Flow wants corners.
      return [id, { x: x - width / 2, y: y - height / 2, width, height }];
    }),
  );
}
