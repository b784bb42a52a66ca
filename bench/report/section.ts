/** What a measurement of bench/measure leaves in bench/results/<name>.json, and its section of docs/benchmarks.md. */
import type { Machine } from "./results.js";
import { figure, table } from "./table.js";

/** A target of the design and what was found. */
export interface Target {
  /** What is judged, in words: `µs per step`. */
  readonly of: string;
  readonly bar: number;
  /** `most`: the bar is a maximum. */
  readonly is: "least" | "most";
  readonly found: number;
  readonly digits: number;
}

export interface Found<Figures> {
  /** ISO 8601. */
  readonly takenAt: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** What it was called with. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly targets: readonly (Target & { readonly met: boolean })[];
  readonly figures: Figures;
}

/** How the figures of one measurement are judged and shown. */
export interface Section<Figures> {
  /** Of the results file, and on the command line. */
  readonly name: string;
  readonly title: string;
  /** What was done, for who reads the figures. Markdown. */
  readonly what: string;
  targets(figures: Figures): readonly Target[];
  /** Tables that read as text and as Markdown. */
  tables(figures: Figures): readonly string[];
}

/** What could not be measured is not met. */
export const isMet = ({ is, bar, found }: Target): boolean => (is === "least" ? found >= bar : found <= bar);

/** Beyond this, per cent say nothing. */
const percentMax = 1_000;

function missedBy({ is, bar, found }: Target): string {
  const percent = (is === "least" ? 1 - found / bar : found / bar - 1) * 100;
  return percent < percentMax ? `missed by ${figure(percent)} %` : "missed";
}

export const verdicts = (targets: readonly Target[]): string =>
  table(
    ["target", "bar", "found", ""],
    targets.map((target) => [
      target.of,
      `${target.is === "least" ? ">=" : "<="} ${figure(target.bar, target.digits)}`,
      figure(target.found, target.digits),
      isMet(target) ? "met" : missedBy(target),
    ]),
  );

/** Tables and verdicts. */
export const shown = <Figures>(section: Section<Figures>, figures: Figures): string =>
  [...section.tables(figures), verdicts(section.targets(figures))].join("\n");

export function sectionText<Figures>(section: Section<Figures>, found: Found<Figures>): string {
  const { machine, takenAt, settings } = found;
  const said = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  return `## ${section.title}

${section.what}

${shown(section, found.figures)}
\`npm run measure -- ${section.name}\`, ${takenAt.slice(0, 10)}, ${machine.cpus} x ${machine.model}, load average ${figure(machine.loadAverage, 1)}${said.length > 0 ? `; ${said.join(", ")}` : ""}.
`;
}
