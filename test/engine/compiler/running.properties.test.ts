/** What compiles runs: random flows, executed by the real engine in memory, end where the flow says they may. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { vocabulary } from "../../../atoms/index.js";
import type { Atom } from "../../../engine/atom.js";
import { compile } from "../../../engine/compiler/compile.js";
import type { Plan, Target } from "../../../engine/compiler/plan.js";
import type { DefinitionFile } from "../../../engine/schema/definitions.js";
import { probe, probeFiles, probeVocabulary } from "../../support/memory/probe.js";
import { World } from "../../support/memory/world.js";

const fields = ["a", "b"] as const;
const outcomes = ["ok", "no", "other"] as const;

/** Atoms that end as chance says, within what they declare. Those that call out are asked about, or idempotent. */
function probes(choose: (limit: number) => number): readonly Atom<never>[] {
  const ends = (writes: readonly string[]) => () => {
    const outcome = outcomes[choose(3)]!;
    return {
      outcome,
      ...(outcome === "ok" ? { fields: Object.fromEntries(writes.map((name) => [name, "x"])) } : {}),
    };
  };
  const declared = (writes: readonly string[]) => ({ outcomes: { ok: { writes }, no: {}, other: {} } });
  const all = fields.flatMap((field) => {
    const run = ends([field]);
    return [
      probe(`read-${field}`, ends([]), { ...declared([]), reads: [field] }),
      probe(`write-${field}`, run, declared([field])),
      probe(`store-${field}`, run, { ...declared([field]), effect: "store" }),
      probe(`call-${field}`, run, { ...declared([field]), effect: "external", inquire: run }),
      probe(`tell-${field}`, run, {
        ...declared([field]),
        effect: "external",
        idempotentBy: "orderId",
        reads: ["orderId"],
      }),
    ];
  });
  const record = probe("record", () => ({ outcome: "ok" }), { effect: "store" });
  return [...all, record].map(({ atom }) => atom);
}
const names = probes(() => 0).map(({ name }) => name);

const step = fc
  .record({ atom: fc.constantFrom(...names), when: fc.boolean() })
  .map(({ atom, when }) => ({ atom, ...(when ? { when: "amount > 500.0" } : {}) }));
const target = fc.constantFrom("s1", "s2", "s3", "wait", "end:done", "end:refused", "park:odd");
const on = fc.record({ ok: target, no: target, other: target, exhausted: target }, { noNullPrototype: true });
const flow = fc
  .record({
    steps: fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 3 }),
    on: fc.array(on, { minLength: 3, maxLength: 3 }),
    timeout: target,
    ping: target,
    waits: fc.boolean(),
  })
  .map(({ steps, on: mapped, timeout, ping, waits }): readonly DefinitionFile[] => {
    const stages = Object.fromEntries(
      steps.map((_, n) => [
        `s${n + 1}`,
        { transaction: `t${n + 1}`, queue: "flow.test", on: mapped[n]!, entriesMax: 2 },
      ]),
    );
    const wait = {
      wait: {
        wait: "something",
        timeoutMs: 1_000,
        entriesMax: 2,
        on: { timeout, ping, exhausted: "park:tired" },
      },
    };
    const withEnd = steps.map((own) => [...own, { atom: "test.record", always: true }]);
    return probeFiles(
      { ...stages, ...(waits ? wait : {}) },
      Object.fromEntries(withEnd.map((own, n) => [`t${n + 1}`, own])),
    );
  });

const ends = (plan: Plan): ReadonlySet<string> =>
  new Set(
    Object.values(plan.stages)
      .flatMap((stage): readonly Target[] => Object.values(stage.on))
      .flatMap((each) =>
        each.to === "end" ? [`ended ${each.state}`] : each.to === "park" ? [`parked ${each.reason}`] : [],
      ),
  );

describe("what compiles runs to an end that the flow declares", function () {
  this.timeout(60_000);

  it("random flows, executed by the engine", async () => {
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(
        flow,
        fc.infiniteStream(fc.nat()),
        fc.constantFrom(100, 900),
        async (files, chance, amount) => {
          const atoms = probes((limit) => chance.next().value % limit);
          const words = {
            ...vocabulary,
            ...probeVocabulary,
            atoms: new Map(atoms.map((atom) => [atom.name, atom])),
          };
          const spread = files.map((file) => ({
            ...file,
            text: file.text.replace('"input":[]', '"input":["amount"]'),
          }));
          const result = compile(spread, words);
          if (!result.ok) return;
          ran++;
          const world = await World.create({ files: spread, atoms, vocabulary: probeVocabulary });
          const runs = Array.from({ length: 4 }, (_, n) =>
            world.submit({ amount, merchantOrderId: `A-${n}` }, "probe"),
          );
          await world.drain();
          const allowed = ends(result.compiled.plans[0]!);
          for (const run of runs) assert.ok(allowed.has(world.stateOf(run)), world.stateOf(run));
          assert.deepEqual(world.deadLetters(), []);
          assert.equal(world.database.messages.size, 0);
        },
      ),
      { numRuns: 400 },
    );
    assert.ok(ran >= 5, `only ${ran} of the random flows compiled: the test says nothing`);
  });
});
