/** An edge along the points the layout found for it, rounded where it turns. */
import { BaseEdge, type Edge, type EdgeProps } from "@xyflow/react";
import type { ReactNode } from "react";
import type { Point, Routed } from "./layout";

export interface Way extends Record<string, unknown> {
  readonly route: Routed;
}
export type WayEdgeType = Edge<Way>;

export function WayEdge({
  id,
  data,
  label,
  labelStyle,
  labelBgStyle,
  markerEnd,
  style,
}: EdgeProps<WayEdgeType>): ReactNode {
  if (!data) return null;
  const { points, label: at } = data.route;
  return (
    <BaseEdge
      id={id}
      path={pathThrough(points)}
      label={label}
      labelX={at.x}
      labelY={at.y}
      labelBgPadding={[3, 1]}
      {...(labelStyle ? { labelStyle } : {})}
      {...(labelBgStyle ? { labelBgStyle } : {})}
      {...(markerEnd === undefined ? {} : { markerEnd })}
      {...(style ? { style } : {})}
    />
  );
}

const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const text = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** Every point but the ends is a corner that the curve only leans towards. */
function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (!first || !last) return "";
  const turns = rest
    .slice(0, -1)
    .map((point, index) => `Q ${text(point)} ${text(middle(point, rest[index + 1]!))}`);
  return [`M ${text(first)}`, ...turns, `L ${text(last)}`].join(" ");
}
