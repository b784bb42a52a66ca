/** echarts in a React component. Imported lazily: see `Chart`. */
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { theme } from "antd";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { usePreferences } from "../../shell/PreferencesProvider";
import { connect, init } from "./echarts";
import { chartTheme } from "./theme";

export interface ChartProps {
  /**
   * An option of echarts, replaced as a whole with every change; colours, fonts and axes come from the theme. Keep it
   * in `useMemo`.
   */
  readonly option: EChartsCoreOption;
  /** What the chart shows, and the figure that matters: read to those who do not see it. */
  readonly label: string;
  readonly heightPx?: number;
  /** Charts with the same name share one pointer. */
  readonly group?: string;
  readonly testId?: string;
}

export function ChartCanvas({ option, label, heightPx = 200, group, testId }: ChartProps): ReactNode {
  const parent = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts>();
  const { token } = theme.useToken();
  const { dark } = usePreferences();

  useEffect(() => {
    const element = parent.current;
    if (!element) return undefined;
    const made = init(element, chartTheme(token, dark));
    if (group !== undefined) {
      made.group = group;
      connect(group);
    }
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    setChart(made);
    return () => {
      observer.disconnect();
      setChart(undefined);
      made.dispose();
    };
  }, [token, dark, group]);

  useEffect(() => {
    if (chart && !chart.isDisposed())
      chart.setOption({ animation: false, ...option }, { notMerge: true, lazyUpdate: true });
  }, [chart, option]);

  return (
    <div
      ref={parent}
      role="img"
      aria-label={label}
      style={{ height: heightPx, width: "100%" }}
      {...(testId === undefined ? {} : { "data-testid": testId })}
    />
  );
}
