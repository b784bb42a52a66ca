/** Flows: their fields, topics, stages, queues, signals and targets. */
import type { FlowDefinition, StageDefinition } from "../schema/definitions.js";
import type { Declared } from "./declared.js";
import { diagnostic, suggestion, within } from "./diagnostics.js";
import type { DiagnosticCode, Place } from "./diagnostics.js";
import { exhaustedOutcome, own, timeoutOutcome } from "./model.js";
import type { ResolvedFlow, ResolvedStage, ResolvedTransaction } from "./model.js";
import type { Diagnostic, Target } from "./plan.js";
import { isServed, queueReads } from "./queues.js";
import type { SignalSpec, Vocabulary } from "./vocabulary.js";

interface Scope {
  readonly definition: FlowDefinition;
  readonly transactions: Declared<ResolvedTransaction>;
  readonly vocabulary: Vocabulary;
  readonly report: (code: DiagnosticCode, place: Place, message: string) => void;
}

export function resolveFlow(
  file: string,
  definition: FlowDefinition,
  transactions: Declared<ResolvedTransaction>,
  vocabulary: Vocabulary,
  report: (found: Diagnostic) => void,
): ResolvedFlow {
  const scope: Scope = {
    definition,
    transactions,
    vocabulary,
    report: (code, place, message) => report(diagnostic(code, place, message)),
  };
  const root: Place = { file, at: [] };
  checkFields(root, scope);
  checkTopics(root, scope);
  if (!Object.hasOwn(definition.stages, definition.start)) {
    const message = `there is no stage "${definition.start}"${suggestion(definition.start, Object.keys(definition.stages))}`;
    scope.report("RESOLVE_START_UNKNOWN", within(root, "start"), message);
  }
  const stages = Object.entries(definition.stages).map(
    ([name, stage]) => [name, resolveStage(name, within(root, "stages", name), stage, scope)] as const,
  );
  return {
    name: definition.flow,
    title: definition.title ?? definition.flow,
    place: root,
    input: definition.input,
    optional: definition.optional ?? [],
    subscribe: definition.subscribe ?? [],
    start: definition.start,
    stages: new Map(stages),
  };
}

function checkFields(root: Place, { definition, vocabulary, report }: Scope): void {
  const seen = new Set<string>();
  for (const list of ["input", "optional"] as const) {
    for (const [index, field] of (definition[list] ?? []).entries()) {
      const place = within(root, list, index);
      if (seen.has(field)) report("RESOLVE_LIST_REPEATS", place, `"${field}" is listed before`);
      else if (!Object.hasOwn(vocabulary.dictionary, field))
        report("RESOLVE_FIELD_UNKNOWN", place, unknownField(field, vocabulary));
      seen.add(field);
    }
  }
}

const unknownField = (field: string, { dictionary }: Vocabulary): string =>
  `there is no field "${field}"${suggestion(field, Object.keys(dictionary))}`;

function checkTopics(root: Place, { definition, vocabulary, report }: Scope): void {
  const seen = new Set<string>();
  for (const [index, name] of (definition.subscribe ?? []).entries()) {
    const place = within(root, "subscribe", index);
    const topic = own(vocabulary.topics, name);
    if (seen.has(name)) report("RESOLVE_LIST_REPEATS", place, `"${name}" is listed before`);
    else if (!topic) {
      report(
        "RESOLVE_TOPIC_UNKNOWN",
        place,
        `there is no topic "${name}"${suggestion(name, Object.keys(vocabulary.topics))}`,
      );
    } else {
      const always = new Set([...(topic.writes ?? []), ...vocabulary.system]);
      const sometimes = new Set([...always, ...(topic.mayWrite ?? [])]);
      for (const [list, carried] of [
        ["input", always],
        ["optional", sometimes],
      ] as const) {
        for (const [position, field] of (definition[list] ?? []).entries()) {
          if (carried.has(field) || !Object.hasOwn(vocabulary.dictionary, field)) continue;
          report(
            "RESOLVE_TOPIC_FIELD_MISSING",
            within(root, list, position),
            `events of "${name}" do not carry "${field}"`,
          );
        }
      }
    }
    seen.add(name);
  }
}

function resolveStage(name: string, place: Place, stage: StageDefinition, scope: Scope): ResolvedStage {
  const on = new Map(
    Object.entries(stage.on).map(([outcome, text]) => [
      outcome,
      resolveTarget(within(place, "on", outcome), text, scope),
    ]),
  );
  const base = {
    name,
    place,
    on,
    ...(stage.entriesMax === undefined ? {} : { entriesMax: stage.entriesMax }),
  };
  if ("wait" in stage) {
    const { timeoutField } = stage;
    if (timeoutField !== undefined) checkTimeoutField(within(place, "timeoutField"), timeoutField, scope);
    const timeoutsMs = typeof stage.timeoutMs === "number" ? [stage.timeoutMs] : stage.timeoutMs;
    return {
      ...base,
      kind: "wait",
      wait: stage.wait,
      timeoutsMs,
      ...(timeoutField === undefined ? {} : { timeoutField }),
      signals: resolveSignals(place, on.keys(), scope),
    };
  }
  checkQueue(within(place, "queue"), stage.queue, scope);
  const transaction = resolveReference(within(place, "transaction"), stage.transaction, scope);
  return {
    ...base,
    kind: "transaction",
    transactionName: stage.transaction,
    ...(transaction ? { transaction } : {}),
    queue: stage.queue,
    queueReads: queueReads(stage.queue).filter((field) => Object.hasOwn(scope.vocabulary.dictionary, field)),
  };
}

function checkTimeoutField(place: Place, field: string, { vocabulary, report }: Scope): void {
  const spec = own(vocabulary.dictionary, field);
  if (!spec) report("RESOLVE_FIELD_UNKNOWN", place, unknownField(field, vocabulary));
  else if (Object(spec.schema)["type"] !== "integer")
    report("RESOLVE_TIMEOUT_FIELD", place, `"${field}" is no number of milliseconds`);
}

function resolveReference(
  place: Place,
  name: string,
  { transactions, report }: Scope,
): ResolvedTransaction | undefined {
  if (!transactions.has(name)) {
    const message = `there is no transaction "${name}"${suggestion(name, transactions.keys())}`;
    report("RESOLVE_TRANSACTION_UNKNOWN", place, message);
  }
  return transactions.get(name);
}

function checkQueue(place: Place, queue: string, { vocabulary, report }: Scope): void {
  const unknown = queueReads(queue).find((field) => !Object.hasOwn(vocabulary.dictionary, field));
  if (unknown !== undefined) return report("RESOLVE_FIELD_UNKNOWN", place, unknownField(unknown, vocabulary));
  if (isServed(queue, vocabulary.queues)) return;
  const served = vocabulary.queues.map(({ pattern, module }) => `${pattern} (${module})`).join(", ");
  report("RESOLVE_QUEUE_UNKNOWN", place, `nobody serves "${queue}"; served are ${served || "none"}`);
}

function resolveSignals(
  place: Place,
  outcomes: Iterable<string>,
  { vocabulary, report }: Scope,
): ReadonlyMap<string, SignalSpec> {
  const signals = new Map<string, SignalSpec>();
  for (const name of outcomes) {
    if (name === timeoutOutcome || name === exhaustedOutcome) continue;
    const signal = own(vocabulary.signals, name);
    if (signal) signals.set(name, signal);
    else {
      const message = `there is no signal "${name}"${suggestion(name, Object.keys(vocabulary.signals))}`;
      report("RESOLVE_SIGNAL_UNKNOWN", within(place, "on", name), message);
    }
  }
  return signals;
}

function resolveTarget(place: Place, text: string, { definition, report }: Scope): Target | undefined {
  if (text.startsWith("end:")) return { to: "end", state: text.slice("end:".length) };
  if (text.startsWith("park:")) return { to: "park", reason: text.slice("park:".length) };
  if (Object.hasOwn(definition.stages, text)) return { to: "stage", stage: text };
  const message = `there is no stage "${text}"${suggestion(text, Object.keys(definition.stages))}`;
  report("RESOLVE_TARGET_UNKNOWN", place, message);
  return undefined;
}
