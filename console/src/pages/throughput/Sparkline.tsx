import { theme } from "antd";
import type { ReactNode } from "react";

const widthPx = 96;
const heightPx = 20;

/** A course so small that only its shape is told. */
export function Sparkline({
  values,
  label,
}: {
  readonly values: readonly number[];
  readonly label: string;
}): ReactNode {
  const { token } = theme.useToken();
  const most = Math.max(...values, Number.MIN_VALUE);
  const stepPx = widthPx / Math.max(1, values.length - 1);
  const points = values.map(
    (value, index) =>
      `${(index * stepPx).toFixed(1)},${(heightPx - 1 - (value / most) * (heightPx - 2)).toFixed(1)}`,
  );
  return (
    <svg width={widthPx} height={heightPx} role="img" aria-label={label}>
      <polyline points={points.join(" ")} fill="none" stroke={token.colorPrimary} strokeWidth={1.25} />
    </svg>
  );
}
