/** Where the nodes of a flow stand: layered from start to end by dagre, sizes from what is in them. Pixels. */
import { Graph, layout } from "@dagrejs/dagre";
import type { FlowGraph, GraphEdge, GraphNode } from "../../../api/flows";

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
  terminal: { width: 190, height: 34 },
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

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where an edge runs, around the nodes, and where its label stands. */
export interface Routed {
  readonly points: readonly Point[];
  readonly label: Point;
}

export interface Layout {
  /** By node id. */
  readonly places: ReadonlyMap<string, Placed>;
  /** By `edgeId`. */
  readonly routes: ReadonlyMap<string, Routed>;
}

export const edgeId = ({ from, outcome }: GraphEdge): string => `${from} ${outcome}`;

/** Characters of a label, with room for a count. */
const labelWidth = (outcome: string): number => outcome.length * 6 + 36;

/** The same graph always stands the same way. */
export function layoutOf({ nodes, edges }: FlowGraph): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 30, ranksep: 46, edgesep: 14, marginx: 16, marginy: 16 });
  for (const node of nodes) graph.setNode(node.id, { ...sizeOf(node) });
  for (const edge of edges)
    graph.setEdge(
      edge.from,
      edge.to,
      { width: labelWidth(edge.outcome), height: 16, labelpos: "c" },
      edge.outcome,
    );
  layout(graph);
  return {
    places: new Map(nodes.map(({ id }) => [id, placed(graph.node(id) as Partial<Placed>)])),
    routes: new Map(
      edges.map((edge) => {
        const drawn = graph.edge(edge.from, edge.to, edge.outcome) as Partial<Point> & {
          readonly points?: readonly Point[];
        };
        const { x = 0, y = 0, points = [] } = drawn;
        return [edgeId(edge), { points, label: { x, y } }];
      }),
    ),
  };
}

/** dagre tells centres, React Flow wants corners. */
const placed = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Placed>): Placed => ({
  ...{ x: x - width / 2, y: y - height / 2 },
  ...{ width, height },
});
