import { Skeleton } from "antd";
import { lazy, type ReactNode, Suspense } from "react";
import type { ChartProps } from "./chart/ChartCanvas";

export type { ChartProps };

// echarts is fetched with the first chart that is shown.
const Canvas = lazy(async () => ({ default: (await import("./chart/ChartCanvas")).ChartCanvas }));

/** A chart that follows theme and width, and is disposed of with the page. */
export function Chart(props: ChartProps): ReactNode {
  return (
    <Suspense fallback={<Skeleton.Node active style={{ width: "100%", height: props.heightPx ?? 200 }} />}>
      <Canvas {...props} />
    </Suspense>
  );
}
