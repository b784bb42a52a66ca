/**
 * The engine alone: what one pure atom step of a compiled plan costs. A transaction of many steps and one of a single
 * step go through the real compiler, worker and executor; the difference is what the steps cost. Atoms of this file
 * read and write a handful of fields of an order, as pure atoms do.
 */
import type { Atom, AtomResult } from "../../engine/atom.js";
import { compile } from "../../engine/compiler/compile.js";
import type { Plan } from "../../engine/compiler/plan.js";
import type { Vocabulary } from "../../engine/compiler/vocabulary.js";
import type { Row } from "../../engine/ports/store.js";
import { silent, type Telemetry } from "../../engine/ports/telemetry.js";
import type { DefinitionFile } from "../../engine/schema/definitions.js";
import { createTelemetry } from "../../adapters/telemetry/index.js";
import { median } from "../report/percentile.js";
import { step, type StepFigures } from "../report/sections/step.js";
import { defineMeasure } from "./measure.js";
import { runner } from "./runner.js";

const stepsShort = 1;
/** As many as a transaction may have (engine/schema/files.ts). */
const stepsLong = 100;

const fields = ["amount", "fee", "net", "currency", "country", "risk", "merchantId", "note"] as const;

/** Named `bench.<name>`. `sure`: fields it always writes. */
function atom(
  name: string,
  reads: readonly string[],
  sure: readonly string[],
  run: (input: Row, params: Row) => Row,
): Atom<never> {
  const result = (input: Row, params: Row): AtomResult => ({ outcome: "ok", fields: run(input, params) });
  return {
    ...{ name: `bench.${name}`, version: 1, title: name, effect: "pure", reads },
    outcomes: { ok: { writes: sure }, refused: {} },
    params: { type: "object", properties: { perMille: { type: "integer" } }, additionalProperties: false },
    run: (input, { params }) => result(input, params),
  };
}

const atoms = [
  atom("fee", ["amount"], ["fee"], ({ amount }, { perMille }) => ({
    fee: Math.ceil((Number(amount) * Number(perMille ?? 6)) / 1000),
  })),
  atom("net", ["amount", "fee"], ["net"], ({ amount, fee }) => ({ net: Number(amount) - Number(fee) })),
  atom("risk", ["amount", "country", "merchantId"], ["risk"], ({ amount, country }) => ({
    risk: Number(amount) > 500_000 || country !== "CN" ? 1 : 0,
  })),
  atom("look", ["net", "currency", "risk"], [], () => ({})),
] as const;

const vocabulary: Vocabulary = {
  dictionary: Object.fromEntries(
    fields.map((name) => [
      name,
      { title: name, schema: { type: /amount|fee|net|risk/.test(name) ? "integer" : "string" } },
    ]),
  ),
  atoms: new Map(atoms.map((each) => [each.name, each])),
  ...{ signals: {}, topics: {}, queues: [{ pattern: "flow.*", module: "flow" }], system: [] },
};

const input: Row = {
  ...{ amount: 12_345, currency: "CNY", country: "CN", merchantId: "shop", note: "a note of some length" },
};

/** One flow of one transaction of so many steps; every step has the condition `when`, if there is one. */
function planOf(steps: number, when?: string): Plan {
  const condition = when === undefined ? {} : { when };
  // The fee is there before anybody may skip anything, or the compiler would refuse the plan.
  const given = when === undefined ? [] : ["fee", "net", "risk"];
  const files: Record<string, unknown> = {
    "types.json": { bench: { flow: "bench", title: "Bench" } },
    "bench.flow.json": {
      ...{ flow: "bench", input: [...Object.keys(input), ...given], start: "work" },
      stages: {
        work: {
          ...{ transaction: "bench.work", queue: "flow.bench" },
          on: { ok: "end:done", refused: "end:refused" },
        },
      },
    },
    "transactions/bench.work.json": {
      transaction: "bench.work",
      steps: Array.from({ length: steps }, (_, index) => ({
        atom: atoms[index % atoms.length]?.name,
        ...condition,
      })),
    },
  };
  const text = ([path, value]: readonly [string, unknown]): DefinitionFile => ({
    path,
    text: JSON.stringify(value),
  });
  const result = compile(Object.entries(files).map(text), vocabulary);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  const [plan] = result.compiled.plans;
  if (!plan) throw new Error("the compiler made no plan");
  return plan;
}

interface Variant {
  readonly name: string;
  readonly telemetry: () => Telemetry;
  readonly when?: string;
}

const variants: readonly Variant[] = [
  { name: "telemetry silent", telemetry: () => silent },
  {
    name: "telemetry prom-client",
    telemetry: () => createTelemetry({ service: "bench", instance: "bench", level: "warn", format: "json" }),
  },
  { name: "telemetry silent, every step with a condition", telemetry: () => silent, when: "amount < 500000" },
];

interface Round {
  readonly shortUs: number;
  readonly longUs: number;
}

const stepUs = ({ shortUs, longUs }: Round): number => (longUs - shortUs) / (stepsLong - stepsShort);

async function measureVariant(
  { telemetry, when }: Variant,
  rounds: number,
  transactions: number,
): Promise<readonly Round[]> {
  const ports = telemetry();
  const given = when === undefined ? input : { ...input, fee: 1, net: 1, risk: 0 };
  const [short, long] = [stepsShort, stepsLong].map((steps) =>
    runner(planOf(steps, when), given, vocabulary, ports),
  );
  if (!short || !long) throw new Error("nothing to run");
  // Warm-up: the optimizing compiler has seen both by then.
  await short(transactions);
  await long(transactions);
  const found: Round[] = [];
  for (let round = 0; round < rounds; round += 1)
    found.push({ shortUs: await short(transactions), longUs: await long(transactions) });
  return found;
}

async function measure(
  { rounds, transactions }: { readonly rounds: number; readonly transactions: number },
  say: (text: string) => void,
): Promise<StepFigures> {
  const figures: StepFigures["variants"][number][] = [];
  for (const variant of variants) {
    say(variant.name);
    const found = await measureVariant(variant, rounds, transactions);
    const steps = found.map(stepUs);
    figures.push({
      name: variant.name,
      stepUs: median(steps),
      transactionUs: median(found.map(({ shortUs }) => shortUs)),
      rangeUs: [Math.min(...steps), Math.max(...steps)],
    });
  }
  return { stepsShort, stepsLong, variants: figures };
}

export const stepMeasure = defineMeasure({
  section: step,
  flags: {
    rounds: { preset: 15, help: "rounds; medians are shown" },
    transactions: { preset: 3_000, help: "transactions of either length in a round" },
  },
  measure,
});
