/**
 * Everything the compiler may say about a definition. A code is stable: people search for it and tools match on it,
 * so none is renamed or reused. The prefix names the pass. `hint` is the usual way to mend it.
 */
import type { TextRange } from "../conditions.js";
import type { Diagnostic } from "./plan.js";

export interface DiagnosticEntry {
  readonly title: string;
  readonly hint: string;
}

export const diagnosticTable = {
  // -- parse: is it JSON, and which kind of file
  PARSE_FILE_UNKNOWN: {
    title: "This is not a kind of definition file",
    hint: "name it types.json, <flow>.flow.json or transactions/<transaction>.json",
  },
  PARSE_TOO_LARGE: { title: "The definitions are too large", hint: "split or shorten them" },
  PARSE_SYNTAX: { title: "The text is not JSON", hint: "comments are fine, trailing commas are not" },
  PARSE_TOO_DEEP: { title: "The text is nested too deeply", hint: "no definition needs that" },
  PARSE_KEY_DUPLICATE: { title: "An object has the same key twice", hint: "remove one of the two" },
  PARSE_KEY_FORBIDDEN: { title: "This key is not allowed anywhere", hint: "use another name" },
  // -- shape: does it look like a definition
  SHAPE_TYPE: { title: "A value has the wrong JSON type", hint: "see docs/flows.md" },
  SHAPE_MISSING: { title: "Something required is missing", hint: "add it" },
  SHAPE_EXTRA: {
    title: "A key that is not known here",
    hint: "remove it or correct its spelling; a stage is either a wait or a transaction",
  },
  SHAPE_NAME: {
    title: "A name that is not allowed",
    hint: "begin with a lower-case letter; letters, digits, - and .",
  },
  SHAPE_VALUE: { title: "A value outside its bounds", hint: "see the bounds in the message" },
  // -- resolve: does everything named exist
  RESOLVE_NAME_TAKEN: { title: "Two files declare the same name", hint: "rename or remove one" },
  RESOLVE_LIST_REPEATS: { title: "The same name is listed twice", hint: "remove one of the two" },
  RESOLVE_ATOM_UNKNOWN: {
    title: "No such atom",
    hint: "correct the name, or deploy the module that has the atom",
  },
  RESOLVE_PARAMS_INVALID: {
    title: "The step's parameters do not fit its atom",
    hint: "see the atom's parameters",
  },
  RESOLVE_CONDITION_INVALID: {
    title: "The condition does not check",
    hint: "conditions are CEL over the run's fields",
  },
  RESOLVE_TRANSACTION_UNKNOWN: { title: "No such transaction", hint: "correct the name or add the file" },
  RESOLVE_FLOW_UNKNOWN: { title: "No such flow", hint: "correct the name or add the file" },
  RESOLVE_TIMEOUT_FIELD: {
    title: "A wait's time comes from a field that holds no integer",
    hint: "name a field of milliseconds, or leave it out",
  },
  RESOLVE_FIELD_UNKNOWN: { title: "No such field in the data dictionary", hint: "correct the name" },
  RESOLVE_QUEUE_UNKNOWN: {
    title: "No module serves this queue",
    hint: "use one of the queues in the message",
  },
  RESOLVE_TOPIC_UNKNOWN: { title: "No such topic", hint: "correct the name" },
  RESOLVE_TOPIC_FIELD_MISSING: {
    title: "The topic's events do not carry this field",
    hint: "drop the field from the flow, or make it optional if events carry it sometimes",
  },
  RESOLVE_SIGNAL_UNKNOWN: { title: "No such signal", hint: "correct the name" },
  RESOLVE_START_UNKNOWN: { title: "The start is not a stage of the flow", hint: "name one of its stages" },
  RESOLVE_TARGET_UNKNOWN: {
    title: "The target is not a stage of the flow",
    hint: "name a stage, or write end:<state> or park:<reason>",
  },
  RESOLVE_PRESET_UNUSED: {
    title: "The flow does not take this field",
    hint: "add it to the flow's input or optional",
  },
  RESOLVE_PRESET_INVALID: {
    title: "The preset value does not fit its field",
    hint: "see the field in the dictionary",
  },
  RESOLVE_PRESET_SYSTEM: { title: "The engine sets this field itself", hint: "remove the preset" },
  // -- dataflow: is every field written before it is read
  DATAFLOW_FIELD_UNASSIGNED: {
    title: "A field may be missing where it is read",
    hint: "write it on every path, or add it to the flow's input",
  },
  DATAFLOW_STEP_DEAD: { title: "A step that never runs", hint: "remove it, move it up, or make it always" },
  // -- effects: can money be lost or moved twice
  EFFECT_REPEAT_UNSAFE: {
    title: "An external atom that can neither be asked about nor repeated",
    hint: "give the atom `inquire` or `idempotentBy`",
  },
  EFFECT_KEY_UNREAD: {
    title: "The idempotency key is not among what the atom reads",
    hint: "add it to `reads`",
  },
  EFFECT_RETRY_UNSAFE: {
    title: "A retry may repeat an external effect",
    hint: "remove the retry; the flow asks what happened and decides",
  },
  EFFECT_ALWAYS_EXTERNAL: {
    title: "An external step must not be `always`",
    hint: "put the call into a stage of its own",
  },
  EFFECT_RESULT_UNRECORDED: {
    title: "The result of an external step may be lost",
    hint: "follow it with an `always` step, without `when`, that stores the result",
  },
  EFFECT_UNKNOWN_ENDS: {
    title: "A run may end while nobody knows what the world did",
    hint: "lead it through a stage that inquires or closes, or park it",
  },
  EFFECT_CONFLICT_ENDS: {
    title: "A run may end on a conflict although its external result was not stored",
    hint: "lead it to a stage that looks again, or park it",
  },
  // -- outcomes: does every run come to an end
  OUTCOME_UNMAPPED: {
    title: "An outcome leads nowhere",
    hint: "map it to a stage, end:<state> or park:<reason>",
  },
  OUTCOME_NEVER: { title: "This outcome can never happen", hint: "remove it or correct its spelling" },
  OUTCOME_TIMEOUT_MISSING: { title: "A wait without a way out", hint: "map `timeout`" },
  OUTCOME_STAGE_UNREACHABLE: {
    title: "No run ever reaches this stage",
    hint: "lead an outcome to it or remove it",
  },
  OUTCOME_LOOP_UNBOUNDED: {
    title: "A run could go round for ever",
    hint: "give a stage of the loop `entriesMax` and lead `exhausted` out of the loop",
  },
  OUTCOME_ENDLESS: { title: "No path of the flow ends", hint: "lead an outcome to end:<state>" },
  OUTCOME_STATE_AMBIGUOUS: { title: "A state is both an end and a park", hint: "use two names" },
  // -- routes: rules that choose channels, see engine/registry/route-check.ts
  ROUTE_NAME_TAKEN: { title: "Two rules have the same name", hint: "rename or remove one" },
  ROUTE_CONDITION_INVALID: {
    title: "A rule's condition does not check",
    hint: "`when` is CEL over the order, `where` over the order and `channel`; see docs/operations.md",
  },
  ROUTE_CHANNEL_REPEATS: {
    title: "A rule names the same channel twice",
    hint: "remove one of the two, or give it a rule of its own",
  },
  ROUTE_CHANNEL_UNKNOWN: {
    title: "No such channel is registered",
    hint: "correct the name, start the channel's module first, or write * for all of them",
  },
} as const satisfies Record<string, DiagnosticEntry>;

export type DiagnosticCode = keyof typeof diagnosticTable;

export const diagnosticCodes = Object.keys(diagnosticTable) as readonly DiagnosticCode[];

/** A place in a definition file: its path and the keys and indexes that lead to the value. */
export interface Place {
  readonly file: string;
  readonly at: readonly (string | number)[];
}

/** RFC 6901. */
export const pointerOf = (at: Place["at"]): string =>
  at.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

export const within = (place: Place, ...at: Place["at"]): Place => ({
  file: place.file,
  at: [...place.at, ...at],
});

/** `message` says what this case is about; the code's title and hint say the rest. `range`: within the text there. */
export function diagnostic(
  code: DiagnosticCode,
  place: Place,
  message: string,
  range?: TextRange,
): Diagnostic {
  const { hint } = diagnosticTable[code];
  const found = { code, file: place.file, pointer: pointerOf(place.at), message, hint };
  return range === undefined ? found : { ...found, range };
}

/** `file:pointer CODE message (hint)` */
export const formatDiagnostic = (d: Diagnostic): string =>
  `${d.file}:${d.pointer} ${d.code} ${d.message} (${d.hint})`;

/** `did you mean "order.accept"?`, or nothing when no name is near. */
export function suggestion(wrong: string, names: Iterable<string>): string {
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.ceil(wrong.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(wrong, name);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best === undefined ? "" : `; did you mean "${best}"?`;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
