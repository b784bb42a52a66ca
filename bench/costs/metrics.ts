/** What processes say of themselves at /metrics: the text format of Prometheus, as much of it as prom-client writes. */
import type { Watched } from "../contestants/contestant.js";

export interface Sample {
  /** With the suffix of its kind: `valence_atoms_seconds_sum`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export function parseMetrics(text: string): readonly Sample[] {
  return text.split("\n").flatMap((each) => {
    const [, name, labels = "", value] = line.exec(each) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(label)].map(([, key = "", said = ""]) => [key, said] as const);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** By process; those that say nothing are left out. @throws Error when one that should does not answer */
export async function scrape(
  processes: readonly Watched[],
): Promise<Readonly<Record<string, readonly Sample[]>>> {
  const scraped = processes.map(async ({ name, metricsUrl }) => {
    if (metricsUrl === undefined) return [];
    const answer = await fetch(metricsUrl);
    if (!answer.ok) throw new Error(`${name}: ${metricsUrl} answered ${answer.status}`);
    return [[name, parseMetrics(await answer.text())] as const];
  });
  return Object.fromEntries((await Promise.all(scraped)).flat());
}

type Labels = Readonly<Record<string, string>>;

/** Over all series of that name whose labels are among others these. None: 0. */
export const sumOf = (samples: readonly Sample[], name: string, labels: Labels = {}): number =>
  samples
    .filter((each) => each.name === name)
    .filter((each) => Object.entries(labels).every(([key, value]) => each.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);

/** What the group commit did, per payment. */
export interface EngineCosts {
  /** Database transactions of group commits. */
  readonly commits: number;
  /** Units of work in them. */
  readonly units: number;
}

type Scraped = Readonly<Record<string, readonly Sample[]>>;

/** What a counter has gained between two readings. */
export const grownSum = (
  before: readonly Sample[],
  after: readonly Sample[],
  name: string,
  labels: Labels = {},
): number => sumOf(after, name, labels) - sumOf(before, name, labels);

/** The mean of what a histogram has observed between two readings; not a number when that is nothing. */
export const grownMean = (
  before: readonly Sample[],
  after: readonly Sample[],
  histogram: string,
  labels: Labels = {},
): number =>
  grownSum(before, after, `${histogram}_sum`, labels) / grownSum(before, after, `${histogram}_count`, labels);

/** Every value a label has, in the order in which they come. */
export const labelsOf = (samples: readonly Sample[], name: string, key: string): readonly string[] => [
  ...new Set(samples.flatMap((each) => (each.name === name ? [each.labels[key] ?? ""] : []))),
];

/** Undefined when none of the processes counts them. */
export function engineCosts(before: Scraped, after: Scraped, payments: number): EngineCosts | undefined {
  const grown = (name: string): number =>
    grownSum(Object.values(before).flat(), Object.values(after).flat(), name);
  const commits = grown("valence_commits_total");
  if (commits === 0) return undefined;
  return { commits: commits / payments, units: grown("valence_units_total") / payments };
}
