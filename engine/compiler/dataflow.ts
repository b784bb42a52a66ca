/**
 * Definite assignment: on every path, every field a step, a condition or a queue name reads has been written before.
 * A forward analysis over all stages to a fixed point. Fields are never taken away, so that a stage's knowledge only
 * shrinks as more paths into it are found, and the analysis ends.
 */
import { diagnostic, within } from "./diagnostics.js";
import type { DiagnosticCode, Place } from "./diagnostics.js";
import { afterWrites, fieldState, join, sameState } from "./fields.js";
import type { FieldState } from "./fields.js";
import { exhaustedOutcome, timeoutOutcome } from "./model.js";
import type { ResolvedFlow, ResolvedStage, ResolvedStep, ResolvedTransaction } from "./model.js";
import type { Diagnostic } from "./plan.js";
import type { Vocabulary } from "./vocabulary.js";
import { walkTransaction } from "./walk.js";
import type { WalkOptions } from "./walk.js";

/** Steps of one transaction that no path reaches; what follows from the first is not said again. */
export function checkDeadSteps(transaction: ResolvedTransaction): readonly Diagnostic[] {
  const [step] = walkTransaction(transaction.steps, fieldState([])).dead;
  if (!step) return [];
  const message = `no earlier step leaves "ok", so ${step.atom.name} never runs`;
  return [diagnostic("DATAFLOW_STEP_DEAD", step.place, message)];
}

/**
 * `said`: what has been reported, so that a transaction that many stages use is reported once; grows.
 */
export function checkDataflow(
  flow: ResolvedFlow,
  vocabulary: Vocabulary,
  said: Set<string>,
): readonly Diagnostic[] {
  if (!flow.stages.has(flow.start)) return [];
  const analysis = new Analysis(flow, vocabulary);
  const entries = analysis.run();
  const diagnostics: Diagnostic[] = [];
  const report = (code: DiagnosticCode, place: Place, field: string, message: string): void => {
    const found = diagnostic(code, place, message);
    const key = JSON.stringify([code, found.file, found.pointer, field]);
    if (!said.has(key)) diagnostics.push(found);
    said.add(key);
  };

  for (const [name, entry] of entries) {
    const stage = flow.stages.get(name)!;
    if (stage.kind === "wait") continue;
    for (const field of stage.queueReads.filter((each) => !entry.has(each))) {
      const message = `queue "${stage.queue}" needs "${field}", ${analysis.reason(entries, name, field)}`;
      report("DATAFLOW_FIELD_UNASSIGNED", within(stage.place, "queue"), field, message);
    }
    analysis.leave(stage, entry, (step, before) => {
      const where = `in stage "${name}" of flow "${flow.name}"`;
      const why = (field: string): string =>
        writtenInVain(stage.transaction!, step, field) ?? analysis.reason(entries, name, field);
      const missing = (field: string): boolean => !before.has(field);
      for (const field of step.whenReads.filter(missing)) {
        const message = `the condition reads "${field}" ${where}, ${why(field)}`;
        report("DATAFLOW_FIELD_UNASSIGNED", within(step.place, "when"), field, message);
      }
      for (const field of step.atom.reads.filter((each) => missing(each) && !step.whenReads.includes(each))) {
        const message = `${step.atom.name} reads "${field}" ${where}, ${why(field)}`;
        report("DATAFLOW_FIELD_UNASSIGNED", within(step.place, "atom"), field, message);
      }
    });
  }
  return diagnostics;
}

/** An earlier step of the same transaction that writes the field, but not on every path to the reader. */
function writtenInVain(
  { steps }: ResolvedTransaction,
  reader: ResolvedStep,
  field: string,
): string | undefined {
  const index = steps
    .slice(0, steps.indexOf(reader))
    .findLastIndex(({ atom }) =>
      Object.values(atom.outcomes).some(({ writes = [], mayWrite = [] }) =>
        [...writes, ...mayWrite].includes(field),
      ),
    );
  const writer = steps[index];
  if (!writer) return undefined;
  const how =
    writer.when === undefined
      ? "does not write it on every path to here"
      : `writes it only when ${writer.when}`;
  return `and step ${index} (${writer.atom.name}) ${how}`;
}

type Entries = ReadonlyMap<string, FieldState>;

class Analysis {
  /** Everything: what is assumed after something that has an error of its own. */
  private readonly all: FieldState;
  private readonly start: FieldState;

  constructor(
    private readonly flow: ResolvedFlow,
    { dictionary, system }: Vocabulary,
  ) {
    this.start = fieldState([...flow.input, ...system]);
    this.all = fieldState([...Object.keys(dictionary), ...this.start]);
  }

  /** What is known on entry to each stage that a run can reach. */
  run(): Entries {
    const entries = new Map([[this.flow.start, this.start]]);
    const work = new Set([this.flow.start]);
    for (const name of work) {
      work.delete(name);
      const stage = this.flow.stages.get(name)!;
      for (const [outcome, after] of this.leave(stage, entries.get(name)!)) {
        const target = stage.on.get(outcome);
        if (target?.to !== "stage") continue;
        const joined = join(entries.get(target.stage), after);
        if (sameState(entries.get(target.stage), joined)) continue;
        entries.set(target.stage, joined);
        work.add(target.stage);
      }
    }
    return entries;
  }

  /** What is known after each outcome of a stage. */
  leave(
    stage: ResolvedStage,
    entry: FieldState,
    visit?: WalkOptions["visit"],
  ): ReadonlyMap<string, FieldState> {
    const exhausted = [exhaustedOutcome, entry] as const;
    if (stage.kind === "wait") {
      const signals = [...stage.on.keys()].map((outcome) => {
        const signal = stage.signals.get(outcome);
        return [outcome, signal ? afterWrites(entry, signal) : this.all] as const;
      });
      return new Map([...signals, [timeoutOutcome, entry], exhausted]);
    }
    if (!stage.transaction)
      return new Map([...[...stage.on.keys()].map((key) => [key, this.all] as const), exhausted]);
    const arrived = fieldState([...entry, ...stage.queueReads]);
    const { outcomes } = walkTransaction(stage.transaction.steps, arrived, visit ? { visit } : {});
    return new Map([...outcomes, exhausted]);
  }

  /** Why a field may be missing on entry to a stage: nothing writes it, or the shortest path on which nothing does. */
  reason(entries: Entries, stageName: string, field: string): string {
    if (!this.isWritten(field)) return "which nothing before it writes";
    const queue = [{ name: this.flow.start, path: `"${this.flow.start}"` }];
    const seen = new Set([this.flow.start]);
    for (const { name, path } of queue) {
      if (name === stageName) return `which is missing on the path ${path}`;
      const stage = this.flow.stages.get(name)!;
      for (const [outcome, after] of this.leave(stage, entries.get(name)!)) {
        const target = stage.on.get(outcome);
        if (target?.to !== "stage" || after.has(field) || seen.has(target.stage)) continue;
        seen.add(target.stage);
        queue.push({ name: target.stage, path: `${path} -${outcome}-> "${target.stage}"` });
      }
    }
    return "which is missing on some path";
  }

  /** True when the run may start with the field, or anything in the flow may write it. */
  private isWritten(field: string): boolean {
    const outcomes = [...this.flow.stages.values()].flatMap((stage) =>
      stage.kind === "wait"
        ? [...stage.signals.values()]
        : (stage.transaction?.steps ?? []).flatMap(({ atom }) => Object.values(atom.outcomes)),
    );
    return (
      this.flow.optional.includes(field) ||
      outcomes.some(({ writes = [], mayWrite = [] }) => [...writes, ...mayWrite].includes(field))
    );
  }
}
