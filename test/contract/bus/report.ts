/** The table of features at the end of a run of the suites, with what failed in it. */
import { busNames, type BusName } from "./feature.js";
import { features, supportCounts } from "./features.js";

/** Titles of cases that failed in this run, by bus. */
const failed = new Map<BusName, Set<string>>();
let wanted = false;

/** Registers the report for the end of the whole run, once. Call it where mocha collects suites. */
export function reportFeatures(): void {
  if (wanted) return;
  wanted = true;
  after(() => {
    console.log(featureReport());
  });
}

export function recordFailure(bus: BusName, title: string): void {
  failed.set(bus, (failed.get(bus) ?? new Set()).add(title));
}

/** One line per feature and bus; `!` where a case that shows it failed in this run. */
export function featureReport(): string {
  const width = Math.max(...features.map(({ name }) => name.length));
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(width)}  ${cells.map((cell) => cell.padEnd(14)).join("")}`.trimEnd();
  const rows = features.map((feature) =>
    line(
      feature.name,
      busNames.map((bus) => {
        const { support, shown = [] } = feature.on[bus];
        const broken = [...feature.shown, ...shown].some((title) => failed.get(bus)?.has(title));
        return broken ? `${support} !` : support;
      }),
    ),
  );
  const counts = busNames.map((bus) => {
    const { native, emulated, unsupported } = supportCounts(bus);
    return `${native}/${emulated}/${unsupported}`;
  });
  return ["", line("", busNames), ...rows, line("native/emulated/unsupported", counts), ""].join("\n");
}
