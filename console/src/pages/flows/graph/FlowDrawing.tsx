/** A flow as a drawing: stages from top to bottom, outcomes as edges with how often they were taken lately. */
import "@xyflow/react/dist/style.css";
import "./graph.css";
import { Background, Controls, MarkerType, MiniMap, ReactFlow, type Viewport } from "@xyflow/react";
import { Flex, Switch, theme } from "antd";
import { type ReactNode, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FlowGraph } from "../../../api/flows";
import { useFormat } from "../../../shared/useFormat";
import { usePreferences } from "../../../shell/PreferencesProvider";
import type { DrawnCounts } from "./counts";
import { edgeId, type Layout, layoutOf } from "./layout";
import { type DrawnNode, StageNode } from "./nodes";
import { WayEdge, type WayEdgeType } from "./WayEdge";

const nodeTypes = { stage: StageNode };
const edgeTypes = { way: WayEdge };
/** Where names can still be read; what does not fit then is reached by moving. */
const zoomAtFirst = 0.7;
/** Around the drawing. Pixels. */
const margin = 12;

export function FlowDrawing({
  graph,
  counts,
}: {
  readonly graph: FlowGraph;
  readonly counts: DrawnCounts | undefined;
}): ReactNode {
  const { t } = useTranslation("flows");
  const { dark } = usePreferences();
  const frame = useRef<HTMLDivElement>(null);
  const [takenOnly, setTakenOnly] = useState(false);
  const shown = useMemo(
    () => (takenOnly && counts ? takenOf(graph, counts) : graph),
    [graph, counts, takenOnly],
  );
  const layout = useMemo(() => layoutOf(shown), [shown]);
  const nodes = useNodes(shown, layout, counts);
  const edges = useEdges(shown, layout, counts);
  return (
    <Flex vertical gap="small">
      {counts === undefined || counts.runs === 0 ? null : (
        <TakenOnly value={takenOnly} onChange={setTakenOnly} />
      )}
      <div ref={frame} className="v-drawing" data-testid="drawing" data-flow={graph.flow}>
        <ReactFlow
          key={String(takenOnly)}
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          colorMode={dark ? "dark" : "light"}
          onInit={(instance) => void instance.setViewport(firstView(shown, layout, frame.current?.clientWidth ?? 0))}
          minZoom={0.15}
          nodesDraggable={false}
          nodesConnectable={false}
          edgesFocusable={false}
          proOptions={{ hideAttribution: true }}
          aria-label={t("graph.label", { flow: graph.flow })}
        >
          <Background />
          <Controls showInteractive={false} />
          <MiniMap pannable zoomable className="v-minimap" ariaLabel={t("graph.overview")} />
        </ReactFlow>
      </div>
    </Flex>
  );
}

function TakenOnly({
  value,
  onChange,
}: {
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}): ReactNode {
  const { t } = useTranslation("flows");
  const id = useId();
  return (
    <label htmlFor={id}>
      <Switch id={id} size="small" checked={value} onChange={onChange} data-testid="taken-only" />{" "}
      {t("graph.takenOnly")}
    </label>
  );
}

/** What is looked at first: all of a small flow, of a large one the start, at the top, where names can be read. */
function firstView({ start }: FlowGraph, { places }: Layout, width: number): Viewport {
  const all = [...places.values()];
  const graphWidth = Math.max(...all.map(({ x, width: own }) => x + own));
  const zoom = Math.min(1, Math.max(zoomAtFirst, width / (graphWidth + 2 * margin)));
  const first = places.get(start);
  const fits = graphWidth * zoom <= width;
  const middle = fits || !first ? graphWidth / 2 : first.x + first.width / 2;
  return { x: width / 2 - middle * zoom, y: margin, zoom };
}

/** The ways that were taken lately, and the places on them. */
function takenOf(graph: FlowGraph, counts: DrawnCounts): FlowGraph {
  const edges = graph.edges.filter((edge) => counts.way(edge) > 0);
  const ids = new Set([graph.start, ...edges.flatMap(({ from, to }) => [from, to])]);
  return { ...graph, edges, nodes: graph.nodes.filter(({ id }) => ids.has(id)) };
}

function useNodes(graph: FlowGraph, { places }: Layout, counts: DrawnCounts | undefined): DrawnNode[] {
  return useMemo(
    () =>
      graph.nodes.map((node) => {
        const { x = 0, y = 0, width = 0, height = 0 } = places.get(node.id) ?? {};
        const standing = "stage" in node ? (counts?.standing(node.stage) ?? []) : [];
        return {
          id: node.id,
          type: "stage",
          position: { x, y },
          ...{ width, height },
          data: { node, isStart: node.id === graph.start, standing },
        };
      }),
    [graph, places, counts],
  );
}

/** A way that was taken is drawn stronger, the more often the thicker; the figure says it to everybody. */
function useEdges(graph: FlowGraph, { routes }: Layout, counts: DrawnCounts | undefined): WayEdgeType[] {
  const { token } = theme.useToken();
  const format = useFormat();
  return useMemo(
    () =>
      graph.edges.map((edge) => {
        const taken = counts?.way(edge) ?? 0;
        const share = counts && counts.runs > 0 ? Math.min(1, taken / counts.runs) : 0;
        const stroke = taken > 0 ? token.colorPrimary : token.colorTextQuaternary;
        return {
          id: edgeId(edge),
          type: "way",
          data: { route: routes.get(edgeId(edge)) ?? { points: [], label: { x: 0, y: 0 } } },
          source: edge.from,
          target: edge.to,
          label: taken > 0 ? `${edge.outcome} · ${format.count(taken)}` : edge.outcome,
          labelStyle: { fill: taken > 0 ? token.colorText : token.colorTextSecondary },
          labelBgStyle: { fill: token.colorBgContainer },
          markerEnd: { type: MarkerType.ArrowClosed, color: stroke },
          style: { stroke, strokeWidth: 1 + 3 * share },
        };
      }),
    [graph, routes, counts, token, format],
  );
}
