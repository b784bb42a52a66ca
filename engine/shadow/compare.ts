/**
 * What would be different: a recorded run, played through the plan it was pinned to and through another one.
 *
 * Both are played, not only the new one: reference data is that of now, and what comes of *its* changes must not be
 * taken for a difference of the definitions. Where the old plan goes another way today than it went then, nothing is
 * said about what follows.
 */
import { canonicalJson } from "../compiler/canonical.js";
import { type Dictionary, maskFields } from "../dictionary.js";
import type { Row } from "../ports/store.js";
import type { Played } from "./player.js";
import type { PlayedHop } from "./played.js";
import type { RecordedEntry } from "./entries.js";

/** One stage on the way of a run: `intake ok`. */
export interface PathStep {
  readonly stage: string;
  readonly outcome: string;
}

/**
 * The first thing that is not the same. `path`: another stage, or another way out of it. `fields`, `rows`, `starts`,
 * `answer`: the same way, but it writes, starts or answers something else.
 */
export interface Difference {
  readonly kind: "path" | "fields" | "rows" | "starts" | "answer";
  /** Position on the path, from 0. */
  readonly at: number;
  readonly stage: string;
  /** What differs, as it was and as it would be; fields masked by the dictionary. */
  readonly before: Row;
  readonly after: Row;
}

export type Verdict =
  | { readonly verdict: "same" }
  | { readonly verdict: "differs"; readonly difference: Difference }
  | { readonly verdict: "unknown"; readonly stage: string; readonly why: string };

export const pathOf = (hops: readonly PathStep[]): readonly PathStep[] =>
  hops.map(({ stage, outcome }) => ({ stage, outcome }));

/**
 * @param recorded what happened
 * @param before the recording played through its own plan
 * @param after the recording played through the other one
 */
export function compareRuns(
  recorded: readonly RecordedEntry[],
  before: Played,
  after: Played,
  dictionary: Dictionary,
): Verdict {
  const drift = driftOf(recorded, before);
  const difference = firstDifference(before, after, dictionary);
  if (difference && difference.at < drift.at) return { verdict: "differs", difference };
  if (after.unknown && after.hops.length <= drift.at) return { verdict: "unknown", ...after.unknown };
  if (drift.at < Infinity) return { verdict: "unknown", stage: drift.stage, why: drift.why };
  return { verdict: "same" };
}

interface Drift {
  readonly at: number;
  readonly stage: string;
  readonly why: string;
}

/** Where the run's own plan leaves the recorded path today; `at` is Infinity when it does not. */
function driftOf(recorded: readonly RecordedEntry[], { hops, unknown }: Played): Drift {
  for (const [at, entry] of recorded.entries()) {
    const hop = hops[at];
    if (!hop) return { at, stage: entry.stage, why: unknown?.why ?? "the recorded run went on" };
    if (hop.stage === entry.stage && hop.outcome === entry.outcome && hop.next === entry.next) continue;
    const then = `${entry.stage} ${entry.outcome || "without an end"} then, ${hop.stage} ${hop.outcome} now`;
    const why = `reference data or people have led it elsewhere: ${then}, by the definitions it had`;
    return { at, stage: entry.stage, why };
  }
  return unknown ? { at: hops.length, ...unknown } : { at: Infinity, stage: "", why: "" };
}

function firstDifference(before: Played, after: Played, dictionary: Dictionary): Difference | undefined {
  const length = Math.max(before.hops.length, after.hops.length);
  for (let at = 0; at < length; at++) {
    const [was, is] = [before.hops[at], after.hops[at]];
    // One of them is not known to go on; the other one's way is no difference.
    if (!was || !is) return undefined;
    const found = differenceOf(was, is, dictionary);
    if (found) return { at, stage: is.stage, ...found };
  }
  return undefined;
}

type Found = Omit<Difference, "at" | "stage">;

function differenceOf(was: PlayedHop, is: PlayedHop, dictionary: Dictionary): Found | undefined {
  const way = ({ stage, outcome, next }: PlayedHop): Row => ({ stage, outcome, next });
  if (!same(way(was), way(is))) return { kind: "path", before: way(was), after: way(is) };
  const names = [...new Set([...Object.keys(was.fields), ...Object.keys(is.fields)])];
  const changed = names.filter((name) => !same(was.fields[name], is.fields[name]));
  if (changed.length > 0) {
    const shown = (fields: Row): Row => maskFields(dictionary, picked(fields, changed));
    return { kind: "fields", before: shown(was.fields), after: shown(is.fields) };
  }
  if (!same(was.writes, is.writes)) return { kind: "rows", before: rowsOf(was), after: rowsOf(is) };
  const starts = (hop: PlayedHop): Row => ({ starts: hop.starts });
  if (!same(was.starts, is.starts)) return { kind: "starts", before: starts(was), after: starts(is) };
  const replies = (hop: PlayedHop): Row => ({ replies: hop.replies });
  if (!same(was.replies, is.replies)) return { kind: "answer", before: replies(was), after: replies(is) };
  return undefined;
}

const same = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);

const picked = (fields: Row, names: readonly string[]): Row =>
  Object.fromEntries(names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));

/** Tables and what is done to them; values of rows are nobody's business here. */
const rowsOf = ({ writes }: PlayedHop): Row => ({
  rows: writes.map((write) =>
    write.kind === "insert" ? `insert ${write.table}` : `${write.table} -> ${write.to}`,
  ),
});
