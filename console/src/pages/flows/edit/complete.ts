/** What may stand where the cursor stands: names of atoms, fields, queues, stages, outcomes; keys of definitions. */
import type {
  Completion,
  CompletionContext,
  CompletionResult,
  CompletionSource,
} from "@codemirror/autocomplete";
import type { AtomView, DefinitionFile, Vocabulary } from "../../../api/flows";
import { type Place, placeAt } from "./scan";

/** What completion knows when it is asked. */
export interface Surroundings {
  readonly path: string;
  readonly files: readonly DefinitionFile[];
  readonly vocabulary: Vocabulary | undefined;
}

export const completionFor =
  (surroundings: () => Surroundings): CompletionSource =>
  (context) =>
    complete(context, surroundings());

function complete(context: CompletionContext, around: Surroundings): CompletionResult | null {
  const text = context.state.doc.toString();
  const place = placeAt(text, context.pos);
  if (!place.string && !context.explicit) return null;
  const options = optionsAt(place, text, around);
  if (options.length === 0) return null;
  // Within a string its whole content is replaced, so that a name with dots is one name.
  if (place.string) return { from: place.string.from, to: place.string.to, options: [...options] };
  const quoted = options.map((option) => ({ ...option, apply: `"${option.label}"` }));
  return { from: context.pos, options: quoted };
}

function optionsAt(place: Place, text: string, around: Surroundings): readonly Completion[] {
  if (around.path === "types.json") return inTypes(place, around);
  return around.path.startsWith("transactions/") ? inTransaction(place, around) : inFlow(place, text, around);
}

const plain = (names: Iterable<string>, type = "constant"): readonly Completion[] =>
  [...new Set(names)].map((label) => ({ label, type }));

const fieldsOf = ({ vocabulary }: Surroundings): readonly Completion[] =>
  (vocabulary?.fields ?? []).map(({ name, title, schema }) => ({
    ...{ label: name, type: "property", info: title },
    ...(schema.type === undefined ? {} : { detail: schema.type }),
  }));

function inTypes({ path, isKey }: Place, around: Surroundings): readonly Completion[] {
  if (isKey && path.length === 1) return plain(["flow", "title", "set"], "keyword");
  if (isKey && path[1] === "set") return fieldsOf(around);
  return path.at(-1) === "flow" ? plain(namesIn(around.files, "flow")) : [];
}

function inTransaction({ path, isKey }: Place, around: Surroundings): readonly Completion[] {
  const { vocabulary } = around;
  if (isKey && path.length === 0) return plain(["transaction", "title", "steps"], "keyword");
  if (isKey && path.length === 2)
    return plain(["atom", "with", "when", "always", "timeoutMs", "retry"], "keyword");
  if (isKey && path[2] === "with")
    return plain((vocabulary?.atoms ?? []).flatMap(({ params }) => Object.keys(params?.properties ?? {})));
  if (path.at(-1) === "atom") return (vocabulary?.atoms ?? []).map(atomOption);
  return path.at(-1) === "when" ? fieldsOf(around) : [];
}

const atomOption = ({ name, title, effect, outcomes }: AtomView): Completion => ({
  ...{ label: name, type: "function", detail: effect },
  info: `${title}: ${Object.keys(outcomes).join(", ")}`,
});

const stageKeys = ["transaction", "queue", "on", "entriesMax", "wait", "timeoutMs", "timeoutField"];
const flowKeys = ["flow", "title", "input", "optional", "subscribe", "start", "stages"];

function inFlow({ path, isKey }: Place, text: string, around: Surroundings): readonly Completion[] {
  const [top, stage, member] = path;
  const stages = stagesIn(text);
  if (isKey && path.length === 0) return plain(flowKeys, "keyword");
  if (isKey && top === "stages" && path.length === 2) return plain(stageKeys, "keyword");
  if (isKey && member === "on") return plain(outcomesOf(text, String(stage), around));
  if (top === "input" || top === "optional" || member === "timeoutField") return fieldsOf(around);
  if (top === "subscribe") return plain((around.vocabulary?.topics ?? []).map(({ name }) => name));
  if (top === "start") return plain(stages);
  if (member === "transaction") return plain(namesIn(around.files, "transaction"));
  if (member === "queue") return plain(queuesIn(around));
  return member === "on" ? [...plain(stages), ...plain(terminalsIn(text), "keyword")] : [];
}

/** Names that files declare: `"flow": "pay"` of a flow, `"transaction": "order.accept"` of a transaction. */
function namesIn(files: readonly DefinitionFile[], kind: "flow" | "transaction"): readonly string[] {
  const pattern = new RegExp(`"${kind}"\\s*:\\s*"([^"]+)"`);
  return files
    .filter(({ path }) => (kind === "flow" ? path.endsWith(".flow.json") : path.startsWith("transactions/")))
    .flatMap(({ text }) => pattern.exec(text)?.[1] ?? []);
}

const stagesIn = (text: string): readonly string[] =>
  [...text.matchAll(/"([\w.-]+)"\s*:\s*\{\s*(?:\/\/.*\s*)*"(?:transaction|wait)"/g)].map(([, name]) => name!);

const terminalsIn = (text: string): readonly string[] => [
  "end:",
  "park:",
  ...[...text.matchAll(/"((?:end|park):[\w.-]+)"/g)].map(([, target]) => target!),
];

function queuesIn({ vocabulary, files }: Surroundings): readonly string[] {
  const patterns = (vocabulary?.queues ?? []).map(({ pattern }) => pattern);
  const used = files.flatMap(({ text }) =>
    [...text.matchAll(/"queue"\s*:\s*"([^"]+)"/g)].map(([, queue]) => queue!),
  );
  return [...patterns.filter((pattern) => !pattern.includes("*")), ...used];
}

/** Outcomes of the stage's transaction, as its atoms declare them; of a wait, its timeout and the signals. */
function outcomesOf(text: string, stage: string, { files, vocabulary }: Surroundings): readonly string[] {
  const escaped = stage.replaceAll(/[.-]/g, "\\$&");
  const transaction = new RegExp(`"${escaped}"\\s*:\\s*\\{[^{}]*"transaction"\\s*:\\s*"([^"]+)"`).exec(
    text,
  )?.[1];
  const always = ["exhausted"];
  if (transaction === undefined)
    return [...always, "timeout", ...(vocabulary?.signals ?? []).map(({ name }) => name)];
  const file = files.find(
    ({ path, text: other }) => path.startsWith("transactions/") && other.includes(`"${transaction}"`),
  );
  const atoms = [...(file?.text ?? "").matchAll(/"atom"\s*:\s*"([^"]+)"/g)].map(([, name]) => name!);
  const known = new Map((vocabulary?.atoms ?? []).map((atom) => [atom.name, atom]));
  return [
    ...always,
    "ok",
    "conflict",
    ...atoms.flatMap((name) => Object.keys(known.get(name)?.outcomes ?? {})),
  ];
}
