/**
 * A transaction as the executor runs it, on every path at once: steps in order; `when` may skip one; an outcome other
 * than `ok` ends the transaction early, after which only `always` steps run, and their outcomes replace nothing; a
 * guarded write may lose its race when the unit of work is committed, which gives `conflict` and drops the unit.
 */
import { afterWrites, fieldState, join } from "./fields.js";
import type { FieldState, FieldWrites } from "./fields.js";
import { conflictOutcome } from "./model.js";
import type { ResolvedStep } from "./model.js";

export interface Walk {
  /** Every outcome that can happen, with the fields the run then has. */
  readonly outcomes: ReadonlyMap<string, FieldState>;
  /** Steps no path reaches. */
  readonly dead: readonly ResolvedStep[];
}

export interface WalkOptions {
  /** Called once for each step that some path reaches, with what is known before it. */
  readonly visit?: (step: ResolvedStep, before: FieldState) => void;
  /** What an outcome of a step leaves behind; the atom's declaration unless told otherwise. */
  readonly writesOf?: (step: ResolvedStep, outcome: string) => FieldWrites;
}

/** `now`: fields in memory. `kept`: fields that survive when the unit of work is dropped. */
interface Cursor {
  readonly now: FieldState;
  readonly kept: FieldState;
}

const joinCursors = (a: Cursor | undefined, b: Cursor): Cursor => ({
  now: join(a?.now, b.now),
  kept: join(a?.kept, b.kept),
});

const declaredWrites = (step: ResolvedStep, outcome: string): FieldWrites =>
  step.atom.outcomes[outcome] ?? {};

/** Only a store write can lose a race. */
export const isGuarded = ({ atom }: ResolvedStep): boolean =>
  atom.effect === "store" && atom.guarded === true;

export function walkTransaction(
  steps: readonly ResolvedStep[],
  entry: FieldState,
  options: WalkOptions = {},
): Walk {
  const { visit, writesOf = declaredWrites } = options;
  let running: Cursor | undefined = { now: entry, kept: entry };
  let ended = new Map<string, Cursor>();
  let conflict: FieldState | undefined;
  const dead: ResolvedStep[] = [];

  for (const step of steps) {
    const reaching = [...(running ? [running] : []), ...(step.always ? ended.values() : [])];
    if (reaching.length === 0) {
      dead.push(step);
      continue;
    }
    visit?.(
      step,
      reaching.map(({ now }) => now).reduce((a, b) => join(a, b)),
    );
    if (isGuarded(step)) conflict = reaching.reduce((state, { kept }) => join(state, kept), conflict);

    const endings = new Map<string, Cursor>();
    const end = (outcome: string, cursor: Cursor): void =>
      void endings.set(outcome, joinCursors(endings.get(outcome), cursor));

    let next: Cursor | undefined;
    const goOn = (cursor: Cursor): void => void (next = joinCursors(next, cursor));

    for (const [outcome, cursor] of ended) {
      if (!step.always) end(outcome, cursor);
      else for (const [, after] of afterStep(step, cursor, writesOf)) end(outcome, after);
    }
    if (running) {
      for (const [outcome, after] of afterStep(step, running, writesOf)) {
        if (outcome === "ok") goOn(after);
        else end(outcome, after);
      }
    }
    running = next;
    ended = endings;
  }

  const outcomes = new Map([...ended].map(([outcome, { now }]) => [outcome, now] as const));
  if (running) outcomes.set("ok", join(outcomes.get("ok"), running.now));
  if (conflict) outcomes.set(conflictOutcome, join(outcomes.get(conflictOutcome), conflict));
  return { outcomes, dead };
}

/** Where a step leads from one point: one entry per outcome, and `ok` for being skipped. */
function afterStep(
  step: ResolvedStep,
  before: Cursor,
  writesOf: NonNullable<WalkOptions["writesOf"]>,
): readonly (readonly [string, Cursor])[] {
  // What a step reads is there afterwards: where it may be missing it is reported once, not at every later step.
  const read = fieldState([...before.now, ...step.whenReads]);
  const after = Object.keys(step.atom.outcomes).map((outcome): readonly [string, Cursor] => {
    const now = afterWrites(fieldState([...read, ...step.atom.reads]), writesOf(step, outcome));
    // The result of an external step is durable before anything after it can be dropped.
    return [outcome, { now, kept: step.atom.effect === "external" ? now : before.kept }];
  });
  return step.when === undefined ? after : [...after, ["ok", { now: read, kept: before.kept }]];
}
