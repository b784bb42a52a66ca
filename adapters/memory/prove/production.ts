/** What is proved: definitions compiled once, with the atoms that run them, for any number of plays. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Atom, AtomContext, AtomResult, AtomRun } from "../../../engine/atom.js";
import type { Plan } from "../../../engine/compiler/plan.js";
import type { Row } from "../../../engine/ports/store.js";
import { Definitions } from "../../../engine/registry/definitions.js";
import type { DefinitionFile } from "../../../engine/schema/definitions.js";
import { MemoryDefinitions, MemoryModules } from "../definitions.js";
import type { Product } from "../world.js";
import type { Place } from "./questions.js";

export interface Production {
  readonly product: Product;
  /** Those of the product; while one runs, `placeNow` says where. */
  readonly atoms: ReadonlyMap<string, Atom<never>>;
  readonly definitions: MemoryDefinitions;
  readonly plans: readonly Plan[];
  readonly types: readonly { readonly type: string; readonly flow: string; readonly set: Row }[];
}

const places = new AsyncLocalStorage<Place>();

/** Where the run stands on whose behalf the world is being called. Undefined: nobody's. */
export const placeNow = (): Place | undefined => places.getStore();

/** Loops are cut to so many rounds: what happens in the fortieth happens in the eighth. */
const roundsMax = 8;

/**
 * @param thorough loops go round as often as their flow lets them
 * @throws Error with every diagnostic when the definitions are not sound
 */
export async function prepare(product: Product, thorough = false): Promise<Production> {
  const { vocabulary } = product;
  const files = thorough ? product.files : product.files.map(cutLoops);
  const definitions = new MemoryDefinitions();
  const catalogue = new Definitions({ store: definitions, modules: new MemoryModules(), vocabulary });
  const result = await catalogue.install(files, { author: "prove", reason: "prove" });
  if (!result.applied) throw new Error(JSON.stringify(result, null, 1));
  const set = await definitions.active();
  const plans = await Promise.all(Object.values(set?.flows ?? {}).map((hash) => definitions.plan(hash)));
  const shipped = vocabulary.atoms as ReadonlyMap<string, Atom<never>>;
  return {
    product,
    definitions,
    atoms: new Map([...shipped].map(([name, atom]) => [name, placed(atom)])),
    plans: plans.filter((plan) => plan !== undefined),
    types: set?.types ?? [],
  };
}

const cutLoops = ({ path, text }: DefinitionFile): DefinitionFile => ({
  path,
  text: text.replace(/("entriesMax"\s*:\s*)(\d+)/g, (_, name: string, rounds: string) => {
    return `${name}${Math.min(Number(rounds), roundsMax)}`;
  }),
});

/** The same atom, under the same declaration, that lets the world know for whom it is called. */
function placed(atom: Atom<never>): Atom<never> {
  const located =
    (run: AtomRun<Row, never>) =>
    (input: Row, context: AtomContext<never>): AtomResult | Promise<AtomResult> => {
      const { flow, stage, runId, hop } = context.run;
      return places.run({ flow, stage, runId, hop }, () => run(input, context));
    };
  const { inquire } = atom;
  return { ...atom, run: located(atom.run), ...(inquire ? { inquire: located(inquire) } : {}) };
}
