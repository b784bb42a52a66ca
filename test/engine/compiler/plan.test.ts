import assert from "node:assert/strict";
import type { AtomSpec } from "../../../engine/atom.js";
import { compile } from "../../../engine/compiler/compile.js";
import type { Compiled, Plan, PlanStep } from "../../../engine/compiler/plan.js";
import { signatureOf } from "../../../engine/compiler/signature.js";
import type { Vocabulary } from "../../../engine/compiler/vocabulary.js";
import { limits } from "../../../engine/limits.js";
import type { DefinitionFile } from "../../../engine/schema/definitions.js";
import { definitionFiles, sound, textOf } from "./definitions.js";
import type { Json, Spoiled } from "./definitions.js";
import { vocabulary } from "./vocabulary.js";

function compiled(
  files: readonly DefinitionFile[] = definitionFiles(),
  words: Vocabulary = vocabulary,
): Compiled {
  const result = compile(files, words);
  assert.ok(result.ok, JSON.stringify(result));
  return result.compiled;
}

const planOf = ({ plans }: Compiled, flow: string): Plan => plans.find((plan) => plan.flow === flow)!;
const hashOf = (files?: readonly DefinitionFile[], words?: Vocabulary): string =>
  planOf(compiled(files, words), "pay").hash;

function stepsOf(stage: string, files: Spoiled["files"] = {}, flow = "pay"): readonly PlanStep[] {
  const found = planOf(compiled(definitionFiles(files)), flow).stages[stage];
  assert.ok(found?.kind === "transaction");
  return found.steps;
}

const withAtom = (name: string, change: Partial<AtomSpec>): Vocabulary => ({
  ...vocabulary,
  atoms: new Map(vocabulary.atoms).set(name, { ...vocabulary.atoms.get(name)!, ...change }),
});

/** The same value with the keys of every object in reverse. */
const reversed = (value: Json): Json => {
  if (Array.isArray(value)) return (value as readonly Json[]).map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
};

describe("plan: what runs is what was proved", () => {
  it("holds every flow by name and every type with its presets", () => {
    const { plans, types } = compiled();
    assert.deepEqual(
      plans.map(({ flow }) => flow),
      ["notify", "pay"],
    );
    assert.deepEqual(types, [
      { type: "pay", title: "Payment", flow: "pay", set: {} },
      { type: "topup", title: "Account top-up", flow: "pay", set: { business: "topup", subject: "Top-up" } },
    ]);
  });

  it("a set without types compiles: its flows may live on topics", () => {
    assert.deepEqual(compiled(definitionFiles({ "types.json": null })).types, []);
  });

  it("spells every stage out", () => {
    const plan = planOf(compiled(), "pay");
    assert.equal(plan.title, "pay");
    assert.deepEqual(plan.stages["wait"], {
      kind: "wait",
      wait: "the payer",
      timeoutsMs: [1000, 5000],
      entriesMax: 5,
      on: {
        paid: { to: "stage", stage: "settle" },
        timeout: { to: "stage", stage: "resolve" },
        exhausted: { to: "park", reason: "undecided" },
      },
    });
    assert.deepEqual(plan.stages["settle"]?.on, {
      ok: { to: "end", state: "settled" },
      conflict: { to: "park", reason: "contested" },
    });
  });

  it("fills in timeouts, retries and the atom's own defaults", () => {
    const [check, , log] = stepsOf("intake", {
      "transactions/order.accept.json": { "/steps/2/with": undefined },
    });
    assert.equal(check!.timeoutMs, limits.stepTimeoutMsDefault);
    assert.deepEqual(check!.retry, { max: 0, delayMs: 0 });
    assert.deepEqual(log!.params, { status: "paying" });
    assert.equal(stepsOf("charge")[1]!.timeoutMs, limits.sendWindowMs);
  });

  const charge = "transactions/channel.charge.json";
  const notify = "transactions/notify.send.json";
  const tables: readonly (readonly [string, string, string, Spoiled["files"], readonly string[]])[] = [
    [
      "a call that must be asked about: its intent is durable first",
      "pay",
      "charge",
      {},
      ["", "barrier+intent", ""],
    ],
    [
      "even with nothing to save",
      "pay",
      "charge",
      {
        "transactions/order.accept.json": { "/steps/-": { atom: "payment.open" } },
        [charge]: { "/steps/0": undefined },
      },
      ["barrier+intent", ""],
    ],
    ["asking is repeated freely: no barrier", "pay", "resolve", {}, ["", ""]],
    ["an idempotent call with nothing to save: no barrier", "notify", "send", {}, [""]],
    [
      "an idempotent call after a write: a barrier, no intent",
      "notify",
      "send",
      { [notify]: { "/steps": [{ atom: "note.keep" }, { atom: "notify.send" }] } },
      ["", "barrier"],
    ],
    [
      "a second idempotent call has nothing new to save",
      "notify",
      "send",
      {
        [notify]: { "/steps": [{ atom: "note.keep" }, { atom: "notify.send" }, { atom: "notify.send" }] },
        "notify.flow.json": { "/stages/send/on": { delivered: "end:delivered", undelivered: "pause" } },
      },
      ["", "barrier", ""],
    ],
  ];
  for (const [promise, flow, stage, files, barriers] of tables) {
    it(promise, () => {
      // `notify.send` never ends `ok`; one that does lets a second call follow.
      const words = withAtom("notify.send", { outcomes: { ok: {}, delivered: {}, undelivered: {} } });
      const patched = files[notify]
        ? {
            ...files,
            "notify.flow.json": {
              ...(files["notify.flow.json"] as object),
              "/stages/send/on/ok": "end:delivered",
            },
          }
        : files;
      const plan = planOf(compiled(definitionFiles(patched), files[notify] ? words : vocabulary), flow);
      const found = plan.stages[stage];
      assert.ok(found?.kind === "transaction");
      const marks = found.steps.map(({ barrier, intent }) =>
        [...(barrier ? ["barrier"] : []), ...(intent ? ["intent"] : [])].join("+"),
      );
      assert.deepEqual(marks, barriers);
    });
  }

  it("two calls that must be asked about: each has a barrier of its own", () => {
    const words = withAtom("channel.charge", {
      outcomes: { ...vocabulary.atoms.get("channel.charge")!.outcomes, ok: {} },
    });
    const files = definitionFiles({
      "pay.flow.json": { "/stages/charge/on/ok": "resolve" },
      [charge]: {
        "/steps": [
          { atom: "payment.open" },
          { atom: "channel.charge" },
          { atom: "channel.charge" },
          { atom: "payment.record", always: true },
        ],
      },
    });
    const found = planOf(compiled(files, words), "pay").stages["charge"];
    assert.ok(found?.kind === "transaction");
    assert.deepEqual(
      found.steps.map(({ barrier }) => barrier),
      [false, true, true, false],
    );
  });

  it("is frozen through and through", () => {
    const plan = planOf(compiled(), "pay");
    const thaw = plan.stages["charge"] as unknown as { steps: { params: Record<string, unknown> }[] };
    assert.throws(() => (thaw.steps[0]!.params["x"] = 1), TypeError);
    assert.throws(() => thaw.steps.push({ params: {} }), TypeError);
  });
});

describe("plan hash: the same definitions have the same hash, others have another", () => {
  const files = (change: (path: string, text: string) => DefinitionFile): readonly DefinitionFile[] =>
    definitionFiles().map(({ path, text }) => change(path, text));
  const base = hashOf();

  it("is 64 hexadecimal digits", () => assert.match(base, /^[0-9a-f]{64}$/));

  const same: readonly (readonly [string, () => string])[] = [
    ["the order of keys", () => hashOf(files((path) => ({ path, text: textOf(reversed(sound[path]!)) })))],
    ["white space", () => hashOf(files((path) => ({ path, text: JSON.stringify(sound[path]) })))],
    ["comments", () => hashOf(files((path, text) => ({ path, text: `// why\n${text} /* because */` })))],
    ["the order of files", () => hashOf([...definitionFiles()].reverse())],
    ["another flow", () => hashOf(definitionFiles({ "notify.flow.json": { "/title": "Other" } }))],
    [
      "how an atom does what it does",
      () => hashOf(undefined, withAtom("channel.charge", { inquire: () => ({ outcome: "approved" }) })),
    ],
  ];
  for (const [what, hash] of same) it(`does not depend on ${what}`, () => assert.equal(hash(), base));

  const different: readonly (readonly [string, () => string])[] = [
    ["an atom's version", () => hashOf(undefined, withAtom("route.choose", { version: 2 }))],
    ["an atom's reads", () => hashOf(undefined, withAtom("route.choose", { reads: ["amount"] }))],
    [
      "a parameter",
      () => hashOf(definitionFiles({ "transactions/order.accept.json": { "/steps/2/with/status": "paid" } })),
    ],
    [
      "a condition",
      () =>
        hashOf(definitionFiles({ "transactions/order.accept.json": { "/steps/1/when": "amount > 6.0" } })),
    ],
    [
      "a target",
      () => hashOf(definitionFiles({ "pay.flow.json": { "/stages/intake/on/noRoute": "end:rejected" } })),
    ],
    [
      "the order of inputs",
      () =>
        hashOf(
          definitionFiles({ "pay.flow.json": { "/input": ["amount", "merchantId", "currency", "subject"] } }),
        ),
    ],
  ];
  for (const [what, hash] of different) it(`depends on ${what}`, () => assert.notEqual(hash(), base));

  it("a signature says whether an atom can be asked", () => {
    const { inquire, ...silent } = vocabulary.atoms.get("channel.charge")!;
    assert.ok(inquire);
    assert.notEqual(signatureOf(silent), signatureOf({ ...silent, inquire }));
  });
});
