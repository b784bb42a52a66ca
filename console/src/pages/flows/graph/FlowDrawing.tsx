/** A flow as a drawing: stages from top to bottom, outcomes as edges with how often they were taken lately. */
import "@xyflow/react/dist/style.css";
import "./graph.css";
import { Background, Controls, type Edge, MarkerType, ReactFlow } from "@xyflow/react";
import { theme } from "antd";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { FlowGraph } from "../../../api/flows";
import { useFormat } from "../../../shared/useFormat";
import { usePreferences } from "../../../shell/PreferencesProvider";
import type { DrawnCounts } from "./counts";
import { placesOf } from "./layout";
import { type DrawnNode, StageNode } from "./nodes";

const nodeTypes = { stage: StageNode };

export function FlowDrawing({
  graph,
  counts,
}: {
  readonly graph: FlowGraph;
  readonly counts: DrawnCounts | undefined;
}): ReactNode {
  const { t } = useTranslation("flows");
  const { dark } = usePreferences();
  const nodes = useNodes(graph, counts);
  const edges = useEdges(graph, counts);
  return (
    <div className="v-drawing" data-testid="drawing" data-flow={graph.flow}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={dark ? "dark" : "light"}
        fitView
        minZoom={0.15}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        proOptions={{ hideAttribution: true }}
        aria-label={t("graph.label", { flow: graph.flow })}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function useNodes(graph: FlowGraph, counts: DrawnCounts | undefined): DrawnNode[] {
  const places = useMemo(() => placesOf(graph), [graph]);
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
function useEdges(graph: FlowGraph, counts: DrawnCounts | undefined): Edge[] {
  const { token } = theme.useToken();
  const format = useFormat();
  return useMemo(
    () =>
      graph.edges.map((edge) => {
        const taken = counts?.way(edge) ?? 0;
        const share = counts && counts.runs > 0 ? Math.min(1, taken / counts.runs) : 0;
        const stroke = taken > 0 ? token.colorPrimary : token.colorBorder;
        return {
          id: `${edge.from} ${edge.outcome}`,
          source: edge.from,
          target: edge.to,
          label: taken > 0 ? `${edge.outcome} · ${format.count(taken)}` : edge.outcome,
          labelStyle: { fill: taken > 0 ? token.colorText : token.colorTextSecondary },
          labelBgStyle: { fill: token.colorBgContainer },
          markerEnd: { type: MarkerType.ArrowClosed, color: stroke },
          style: { stroke, strokeWidth: 1 + 3 * share },
        };
      }),
    [graph, counts, token, format],
  );
}
