/** Small flows of made-up atoms, to look at the engine itself. */
import type { Atom, AtomContext, AtomResult } from "../../../engine/atom.js";
import type { Vocabulary } from "../../../engine/compiler/vocabulary.js";
import type { Dictionary } from "../../../engine/dictionary.js";
import type { Row } from "../../../engine/ports/store.js";
import type { DefinitionFile, FlowDefinition, StepDefinition } from "../../../engine/schema/definitions.js";
import { vocabulary } from "../../../atoms/index.js";
import { World, type WorldOptions } from "./world.js";

const text = { type: "string" } as const;
const probeFields: Dictionary = Object.fromEntries(
  ["a", "b", "c"].map((name) => [name, { title: name, schema: text }]),
);

/** What a test vocabulary has beside the shipped one: fields `a`, `b`, `c`, signals `ping` and `pong`. */
export const probeVocabulary: Partial<Vocabulary> = {
  dictionary: { ...vocabulary.dictionary, ...probeFields },
  signals: { ping: { mayWrite: ["a"] }, pong: {} },
};

type Run = (input: Row, context: AtomContext) => AtomResult | Promise<AtomResult>;

/** An atom named `test.<name>` that counts its calls. */
export function probe(
  name: string,
  run: Run,
  declared: Partial<Omit<Atom<never>, "run" | "inquire" | "name">> & { readonly inquire?: Run } = {},
): { readonly atom: Atom<never>; readonly calls: AtomContext[]; readonly asked: AtomContext[] } {
  const calls: AtomContext[] = [];
  const asked: AtomContext[] = [];
  const { inquire, ...rest } = declared;
  const atom = {
    ...{ name: `test.${name}`, version: 1, title: name, effect: "pure", reads: [], outcomes: { ok: {} } },
    ...rest,
    run: (input: Row, context: AtomContext) => (calls.push(context), run(input, context)),
    ...(inquire
      ? { inquire: (input: Row, context: AtomContext) => (asked.push(context), inquire(input, context)) }
      : {}),
  } as Atom<never>;
  return { atom, calls, asked };
}

/** One line of configuration, transactions by name, one flow `probe` of type `probe`. */
export function probeFiles(
  stages: FlowDefinition["stages"],
  transactions: Readonly<Record<string, readonly (StepDefinition | string)[]>>,
): readonly DefinitionFile[] {
  const files: Record<string, unknown> = {
    "types.json": { probe: { flow: "probe", title: "Probe" } },
    "probe.flow.json": { flow: "probe", input: [], start: Object.keys(stages)[0], stages },
  };
  for (const [name, steps] of Object.entries(transactions)) {
    files[`transactions/${name}.json`] = {
      transaction: name,
      steps: steps.map((step) => (typeof step === "string" ? { atom: step } : step)),
    };
  }
  return Object.entries(files).map(([path, value]) => ({ path, text: JSON.stringify(value) }));
}

export const probeWorld = (
  stages: FlowDefinition["stages"],
  transactions: Parameters<typeof probeFiles>[1],
  probes: readonly { readonly atom: Atom<never> }[],
  options: WorldOptions = {},
): Promise<World> =>
  World.create({
    files: probeFiles(stages, transactions),
    atoms: probes.map(({ atom }) => atom),
    vocabulary: probeVocabulary,
    ...options,
  });

/** A flow of one transaction `work` made of `steps`; every outcome in `outcomes` ends the run under its own name. */
export const oneStage = (
  steps: readonly (StepDefinition | string)[],
  outcomes: readonly string[],
  probes: Parameters<typeof probeWorld>[2],
  options: WorldOptions = {},
): Promise<World> => {
  const on = Object.fromEntries(outcomes.map((outcome) => [outcome, `end:${outcome}`]));
  return probeWorld(
    { work: { transaction: "test.work", queue: "flow.test", on } },
    { "test.work": steps },
    probes,
    options,
  );
};
