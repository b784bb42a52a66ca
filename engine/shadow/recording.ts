/**
 * A recorded run as answers to what a replay of it asks: how its stages were entered, and what the world said there.
 * What the journal does not tell is not made up: whoever asks for it gets `NotRecorded`.
 */
import type { AtomResult } from "../atom.js";
import type { RecordedRun, RecordedSignal } from "../ports/recordings.js";
import type { Row } from "../ports/store.js";
import type { LinkedPlan, LinkedStep } from "../runtime/linked-plan.js";
import { entriesOf, type RecordedEntry } from "./entries.js";
import { writtenBy } from "./written.js";

/** The replay has come to something nobody has ever seen. */
export class NotRecorded extends Error {
  override readonly name = "NotRecorded";
  constructor(readonly why: string) {
    super(why);
  }
}

/** An atom of this kind asks what is outside of the run: an institution, a merchant, rows of others. */
export const asksTheWorld = ({ atom }: Pick<LinkedStep, "atom">): boolean =>
  atom.effect === "external" || atom.readsRows === true;

export class Recording {
  readonly entries: readonly RecordedEntry[];
  /** What the run began with; undefined when it was not kept. */
  readonly input: Row | undefined;
  /** Signals that came before the wait that took them, so that no entry of a wait tells of them. */
  readonly early: readonly RecordedSignal[];
  readonly #answers: ReadonlyMap<string, readonly StepAnswer[]>;

  /** @param linked the plan the run was pinned to */
  constructor(
    readonly run: RecordedRun,
    readonly linked: LinkedPlan,
  ) {
    this.entries = entriesOf(run.journal);
    this.input = run.journal[0]?.data["input"] as Row | undefined;
    this.early = earlyOf(run.signals, this.entries, linked);
    this.#answers = answersOf(this.entries, linked);
  }

  /** The n-th entry into a stage, counted from 0. */
  entry(stage: string, nth: number): RecordedEntry | undefined {
    return this.entries.filter((each) => each.stage === stage)[nth];
  }

  /**
   * What the atom said when it was run in this stage for the n-th time, counted from 0.
   * @throws NotRecorded
   */
  answer(stage: string, atom: string, nth: number): AtomResult {
    const answer = this.#answers.get(keyOf(stage, atom))?.[nth];
    const times = nth === 0 ? "" : ` a ${nth + 1}. time`;
    if (!answer)
      throw new NotRecorded(`${atom} would be asked in stage ${stage}${times}, which was never recorded`);
    if ("lost" in answer) throw new NotRecorded(answer.lost);
    return answer;
  }
}

type StepAnswer = AtomResult | { readonly lost: string };

const keyOf = (stage: string, atom: string): string => `${stage} ${atom}`;

function earlyOf(
  signals: readonly RecordedSignal[],
  entries: readonly RecordedEntry[],
  { stages }: LinkedPlan,
): readonly RecordedSignal[] {
  const early = [...signals];
  for (const { stage, outcome } of entries) {
    if (stages.get(stage)?.kind !== "wait") continue;
    const taken = early.findIndex(({ signal }) => signal === outcome);
    if (taken >= 0) early.splice(taken, 1);
  }
  return early;
}

function answersOf(
  entries: readonly RecordedEntry[],
  { stages }: LinkedPlan,
): ReadonlyMap<string, readonly StepAnswer[]> {
  const answers = new Map<string, StepAnswer[]>();
  for (const entry of entries) {
    const stage = stages.get(entry.stage);
    if (stage?.kind !== "transaction") continue;
    for (const { linked, answer } of writtenBy(entry, stage)) {
      if (!asksTheWorld({ atom: linked.atom })) continue;
      const key = keyOf(entry.stage, linked.atom.name);
      answers.set(key, [...(answers.get(key) ?? []), answer]);
    }
  }
  return answers;
}
