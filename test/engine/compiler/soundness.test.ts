import assert from "node:assert/strict";
import fc from "fast-check";
import type { AtomSpec } from "../../../engine/atom.js";
import { compile } from "../../../engine/compiler/compile.js";
import { fieldState } from "../../../engine/compiler/fields.js";
import type { Plan, PlanStep, TransactionStage } from "../../../engine/compiler/plan.js";
import type { Vocabulary } from "../../../engine/compiler/vocabulary.js";
import { walkTransaction } from "../../../engine/compiler/walk.js";
import type { StepDefinition } from "../../../engine/schema/definitions.js";

/**
 * The compiler's promise, tried out: random flows of random transactions are compiled, and what compiles is played
 * through by a small interpreter that knows nothing of the analysis. No step may find a field missing, and no
 * transaction may end in an outcome that is not mapped.
 */
const fields = ["a", "b"] as const;
const spec = (name: string, rest: Partial<AtomSpec>): AtomSpec => ({
  ...{ name, version: 1, title: name, effect: "pure", reads: [], outcomes: { ok: {} } },
  ...rest,
});
const atoms = [
  spec("fork", { outcomes: { ok: {}, no: {} } }),
  ...fields.flatMap((field) => [
    spec(`read.${field}`, { reads: [field] }),
    spec(`write.${field}`, { outcomes: { ok: { writes: [field] } } }),
    spec(`fork.${field}`, { outcomes: { ok: { writes: [field] }, no: {} } }),
    spec(`may.${field}`, { outcomes: { ok: { mayWrite: [field] } } }),
    spec(`guard.${field}`, { effect: "store", guarded: true, outcomes: { ok: { writes: [field] } } }),
    spec(`call.${field}`, {
      ...{ effect: "external", idempotentBy: "orderId", reads: ["orderId"] },
      outcomes: { ok: { writes: [field] }, failed: {} },
    }),
  ]),
];
const text = { type: "string" } as const;
const vocabulary: Vocabulary = {
  dictionary: {
    ...Object.fromEntries(fields.map((field) => [field, { title: field, schema: text }])),
    orderId: { title: "our number", schema: text },
    flag: { title: "yes or no", schema: { type: "boolean" } },
  },
  atoms: new Map(atoms.map((atom) => [atom.name, atom])),
  signals: {},
  topics: {},
  queues: [{ pattern: "flow.*", module: "flow" }],
  system: ["orderId"],
};

const stageNames = ["s0", "s1", "s2"] as const;
const steps: fc.Arbitrary<readonly StepDefinition[]> = fc.array(
  fc
    .record({ atom: fc.constantFrom(...vocabulary.atoms.keys()), when: fc.boolean(), always: fc.boolean() })
    .map(({ atom, when, always }) => ({
      atom,
      ...(when ? { when: "flag" } : {}),
      ...(always && !atom.startsWith("call.") ? { always } : {}),
    })),
  { minLength: 1, maxLength: 4 },
);
const targets = fc.infiniteStream(fc.constantFrom("s1", "s2", "s0", "end:done"));

function outcomesOf(transaction: readonly StepDefinition[]): readonly string[] {
  const resolved = transaction.map(({ atom, when, always = false }) => ({
    ...{ place: { file: "", at: [] }, atom: vocabulary.atoms.get(atom)!, params: {}, whenReads: [], always },
    ...{ timeoutMs: 1, retry: { max: 0, delayMs: 0 }, ...(when === undefined ? {} : { when }) },
  }));
  return [...walkTransaction(resolved, fieldState([])).outcomes.keys()];
}

function compileRandom(
  transactions: readonly (readonly StepDefinition[])[],
  next: () => string,
): Plan | undefined {
  const stages = transactions.map((transaction, index) => {
    const on = outcomesOf(transaction).map((outcome) => [outcome, next()] as const);
    const stage = { transaction: `t${index}`, queue: "flow.x", entriesMax: 3 };
    return [
      stageNames[index],
      { ...stage, on: { ...Object.fromEntries(on), exhausted: "end:tired" } },
    ] as const;
  });
  const flow = { flow: "x", input: ["flag"], start: "s0", stages: Object.fromEntries(stages) };
  const files = transactions.map((each, index) => ({ transaction: `t${index}`, steps: each }));
  const result = compile(
    [
      { path: "x.flow.json", text: JSON.stringify(flow) },
      ...files.map((file) => ({ path: `transactions/${file.transaction}.json`, text: JSON.stringify(file) })),
    ],
    vocabulary,
  );
  return result.ok ? result.compiled.plans[0] : undefined;
}

type Choose = <T>(from: readonly T[]) => T;

/** One run; gives the names of the stages it went through. */
function play(plan: Plan, choose: Choose): void {
  const flag = choose([true, false]);
  let known = new Set(["flag", "orderId"]);
  const entries = new Map<string, number>();
  for (let name = plan.start; ;) {
    const stage = plan.stages[name] as TransactionStage;
    entries.set(name, (entries.get(name) ?? 0) + 1);
    const exhausted = entries.get(name)! > stage.entriesMax!;
    const { outcome, left } = exhausted
      ? { outcome: "exhausted", left: known }
      : playStage(stage, known, flag, choose);
    const target = stage.on[outcome];
    assert.ok(target, `stage ${name} does not map ${outcome}`);
    if (target.to !== "stage") return;
    [name, known] = [target.stage, left];
  }
}

function playStage(stage: TransactionStage, entry: ReadonlySet<string>, flag: boolean, choose: Choose) {
  let now = new Set(entry);
  let durable = new Set(entry);
  let racing = false;
  let ended: string | undefined;
  const lost = (): boolean => racing && choose([true, false, false]);
  const execute = (step: PlanStep): string => {
    const atom = vocabulary.atoms.get(step.atom)!;
    for (const field of atom.reads)
      assert.ok(now.has(field), `${step.atom} in ${stage.transaction} misses ${field}`);
    const outcome = choose(Object.keys(atom.outcomes));
    const { writes = [], mayWrite = [] } = atom.outcomes[outcome]!;
    now = new Set([...now, ...writes, ...mayWrite.filter(() => choose([true, false]))]);
    if (atom.guarded) racing = true;
    if (atom.effect === "external") durable = new Set(now);
    return outcome;
  };
  for (const step of stage.steps) {
    if (ended !== undefined && !step.always) continue;
    if (step.when !== undefined && !flag) continue;
    if (step.barrier) {
      if (lost()) return { outcome: "conflict", left: durable };
      [durable, racing] = [new Set(now), false];
    }
    const outcome = execute(step);
    if (outcome !== "ok") ended ??= outcome;
  }
  return lost() ? { outcome: "conflict", left: durable } : { outcome: ended ?? "ok", left: now };
}

describe("soundness: what compiles never misses a field and never ends in an outcome nobody handles", function () {
  this.timeout(60_000);

  it("random flows, played at random", () => {
    let sound = 0;
    fc.assert(
      fc.property(
        fc.tuple(steps, steps, steps),
        targets,
        fc.infiniteStream(fc.nat({ max: 1000 })),
        (transactions, target, chance) => {
          const plan = compileRandom(transactions, () => target.next().value);
          if (!plan) return;
          sound++;
          const choose: Choose = (from) => from[chance.next().value % from.length]!;
          for (let round = 0; round < 30; round++) play(plan, choose);
        },
      ),
      { numRuns: 600 },
    );
    assert.ok(sound > 30, `only ${sound} of the random flows compiled: the test says nothing`);
  });
});
