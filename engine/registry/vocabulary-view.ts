/** Everything a definition may say, for whoever writes one: completion, forms, help beside the text. */
import type { AtomSpec } from "../atom.js";
import type { SignalSpec, Vocabulary } from "../compiler/vocabulary.js";
import type { FieldSpec } from "../dictionary.js";
import type { LiveModule } from "../ports/modules.js";
import { flowSchema, transactionSchema, typesSchema } from "../schema/files.js";

/** An atom without what it does: that is code. */
export type AtomView = Omit<AtomSpec, "inquire"> & {
  /** It can be asked what a call whose result was lost has done. */
  readonly inquires: boolean;
};

export interface FieldView extends Pick<FieldSpec, "title" | "schema" | "example"> {
  readonly name: string;
  readonly class: "open" | "mask" | "seal";
  /** The engine puts it into every run: no request and no preset has it. */
  readonly system: boolean;
}

export interface QueueView {
  /** `flow.*`, `channel.{channel}`: what a stage may name. */
  readonly pattern: string;
  /** Kind of module that serves it. */
  readonly module: string;
  /** Queues of this pattern that live modules serve now. */
  readonly served: readonly string[];
}

export interface VocabularyView {
  readonly atoms: readonly AtomView[];
  readonly fields: readonly FieldView[];
  readonly signals: readonly ({ readonly name: string } & SignalSpec)[];
  readonly topics: readonly { readonly name: string; readonly writes: readonly string[] }[];
  readonly queues: readonly QueueView[];
  /** JSON Schemas (draft 7) of the three kinds of files. */
  readonly schemas: { readonly types: object; readonly flow: object; readonly transaction: object };
}

export function viewVocabulary(
  { atoms, dictionary, signals, topics, queues, system }: Vocabulary,
  live: readonly LiveModule[],
): VocabularyView {
  const served = [...new Set(live.flatMap((module) => module.queues))].sort();
  return {
    atoms: [...atoms.values()].map(viewAtom),
    fields: Object.entries(dictionary).map(([name, { title, schema, example, class: kind = "open" }]) => ({
      ...{ name, title, schema, class: kind, system: system.includes(name) },
      ...(example === undefined ? {} : { example }),
    })),
    signals: Object.entries(signals).map(([name, spec]) => ({ name, ...spec })),
    topics: Object.entries(topics).map(([name, { writes = [] }]) => ({ name, writes })),
    queues: queues.map(({ pattern, module }) => ({
      ...{ pattern, module },
      served: served.filter((queue) => isOf(queue, pattern)),
    })),
    schemas: { types: typesSchema, flow: flowSchema, transaction: transactionSchema },
  };
}

function viewAtom(atom: AtomSpec): AtomView {
  // An atom is its declaration and its code in one object.
  const { inquire, run: _run, ...declared } = atom as AtomSpec & { readonly run?: unknown };
  return { ...declared, inquires: inquire !== undefined };
}

/** `channel.simulator` is of `channel.{channel}`, `flow.*` and `flow.pay` of `flow.*`. */
function isOf(queue: string, pattern: string): boolean {
  const [parts, wanted] = [queue.split("."), pattern.split(".")];
  return (
    parts.length === wanted.length &&
    wanted.every((part, index) => part === parts[index] || part === "*" || part.startsWith("{"))
  );
}
