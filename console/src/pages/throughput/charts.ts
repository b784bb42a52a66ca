/** What the three charts draw, as options of echarts. Colours and axes come from the theme. */
import type { EChartsCoreOption } from "echarts/core";
import type { Part, Throughput } from "../../api/throughput";

/** From the bottom up. */
export const stackedParts = ["channel", "queueWait", "commit", "atoms"] as const satisfies readonly Part[];

type Point = readonly [atMs: number, value: number | null];

export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** Lines of the same stack stand on top of each other. */
  readonly stack?: string;
}

/** A value stands where its window begins. */
const pointsOf = ({ fromMs, windowS }: Throughput, values: readonly (number | null)[]): readonly Point[] =>
  values.map((value, window) => [fromMs + window * windowS * 1_000, value]);

export function chartOf(
  throughput: Throughput,
  lines: readonly Line[],
  valueText: (value: number) => string,
  /** Of the value axis; 1 for what is counted in whole ones. */
  intervalMin: number | undefined,
): EChartsCoreOption {
  return {
    aria: { enabled: false },
    grid: { left: 44, right: 12, top: 8, bottom: 46 },
    legend: { bottom: 0, type: "plain" },
    tooltip: {
      trigger: "axis",
      valueFormatter: (value: number | null) =>
        value === null || value === undefined ? "–" : valueText(value),
    },
    xAxis: { type: "time", min: throughput.fromMs, max: throughput.toMs },
    yAxis: {
      type: "value",
      min: 0,
      axisLabel: { formatter: valueText },
      splitNumber: 3,
      minInterval: intervalMin,
    },
    series: lines.map(({ name, values, stack }) => ({
      name,
      type: "line",
      data: pointsOf(throughput, values),
      ...(stack === undefined ? {} : { stack, areaStyle: { opacity: 0.35 } }),
    })),
  };
}

/** `end:paid` is `paid`: every run that is counted has ended. */
export const outcomeName = (outcome: string): string => outcome.replace(/^end:/, "");

export const rateLines = ({ system }: Throughput): readonly Line[] =>
  Object.entries(system.course.outcomes).map(([outcome, values]) => ({
    name: outcomeName(outcome),
    values,
    stack: "outcomes",
  }));

/** A window without a transaction took no time; what lies between two of them is no ramp. */
export const latencyLines = ({ system }: Throughput, nameOf: (part: Part) => string): readonly Line[] =>
  stackedParts.flatMap((part) => {
    const values = system.course.meanMs[part];
    return values === undefined
      ? []
      : [{ name: nameOf(part), values: values.map((value) => value ?? 0), stack: "parts" }];
  });
