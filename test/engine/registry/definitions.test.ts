import assert from "node:assert/strict";
import { atoms, vocabulary } from "../../../atoms/index.js";
import { signatureOf } from "../../../engine/compiler/signature.js";
import type { LiveModule } from "../../../engine/ports/modules.js";
import { ActiveCatalogue } from "../../../engine/registry/active-catalogue.js";
import { type ApplyResult, Definitions } from "../../../engine/registry/definitions.js";
import { covers } from "../../../engine/registry/served.js";
import type { DefinitionFile } from "../../../engine/schema/definitions.js";
import { settled } from "../../../adapters/memory/clock.js";
import { MemoryDefinitions, MemoryModules } from "../../../adapters/memory/definitions.js";
import { shippedFiles as shipped } from "../../support/shipped.js";

const by = { author: "alice", reason: "test" };
const signatures = Object.fromEntries([...atoms].map(([name, atom]) => [name, signatureOf(atom)]));
const live = (module: string, queues: readonly string[], held = signatures): LiveModule => ({
  ...{ instance: module, module, host: "h", pid: 1, version: "1", startedAtMs: 0, beatAgoMs: 0 },
  queues,
  atoms: held,
});
const everyone = [
  live("flow", ["flow.*"]),
  live("channel:sim", ["channel.sim", "channel.sim.follow"]),
  live("notify", ["notify"]),
  live("feed", ["feed.*"]),
];

function registry(modules: readonly LiveModule[] = everyone) {
  const store = new MemoryDefinitions();
  const registered = new MemoryModules();
  registered.modules = modules;
  return {
    store,
    modules: registered,
    definitions: new Definitions({ store, modules: registered, vocabulary }),
  };
}

/** The shipped files with `path` changed by `edit`. */
const edited = (
  path: string,
  edit: (text: string) => string,
  files: readonly DefinitionFile[] = shipped,
): readonly DefinitionFile[] => {
  const changed = files.map((file) => (file.path === path ? { path, text: edit(file.text) } : file));
  assert.notDeepEqual(changed, files, `${path} is there and changes`);
  return changed;
};
const slower = (files = shipped) =>
  edited("notify.flow.json", (text) => text.replaceAll("120000", "60000"), files);
const retitled = (files = shipped) =>
  edited("pay.flow.json", (text) => text.replace("One order", "An order"), files);

/** Why a set was not applied and, where somebody was faster, by whom. */
const refused = (result: ApplyResult): readonly unknown[] => {
  if (result.applied) return ["applied"];
  const inForce = result.code === "definitions_superseded" ? result.inForce : undefined;
  return [result.code, inForce?.version, inForce?.author];
};

describe("definitions: apply", () => {
  it("puts a sound set in force and says what has changed", async () => {
    const { definitions, store } = registry();
    assert.deepEqual(await definitions.apply(shipped, by), {
      applied: true,
      version: 1,
      changed: [
        "flow accounting",
        "flow accounting-refund",
        "flow callback",
        "flow close",
        "flow late",
        "flow notify",
        "flow notify-refund",
        "flow pay",
        "flow refund",
        "type channel.callback",
        "type close",
        "type expire",
        "type pay",
        "type refund",
        "type topup",
      ],
    });
    assert.deepEqual(await definitions.apply(slower(), by), {
      applied: true,
      version: 2,
      changed: ["flow notify"],
    });
    assert.equal((await store.active())?.author, "alice");
  });

  it("an unsound set changes nothing", async () => {
    const { definitions, store } = registry();
    await definitions.apply(shipped, by);
    const result = await definitions.apply(
      edited("pay.flow.json", (text) => text.replace('"end:paid"', '"nowhere"')),
      by,
    );
    assert.equal(result.applied, false);
    assert.equal(result.applied ? "" : result.code, "definitions_unsound");
    assert.equal((await store.active())?.version, 1);
  });

  const unserved: readonly (readonly [string, readonly LiveModule[], RegExp])[] = [
    ["nobody lives", [], /no live module serves queue flow.pay/],
    [
      "no channel",
      everyone.filter(({ module }) => !module.startsWith("channel")),
      /serves queue channel.\{channel\}/,
    ],
    ["no notifier", everyone.filter(({ module }) => module !== "notify"), /serves queue notify/],
    [
      "the notifier lacks an atom",
      everyone.map((each) => (each.module === "notify" ? live("notify", ["notify"], {}) : each)),
      /no live module on queue notify holds notify.send@1/,
    ],
    [
      "the notifier holds another version of it",
      everyone.map((each) =>
        each.module === "notify"
          ? live("notify", ["notify"], { ...signatures, "notify.send": "other" })
          : each,
      ),
      /holds notify.send@1/,
    ],
    [
      "only a module on another queue holds it",
      everyone.map((each) => (each.module === "flow" ? live("flow", ["flow.*"], {}) : each)),
      /queue flow.pay holds order.log@2/,
    ],
  ];
  for (const [what, modules, message] of unserved)
    it(`${what}: refused, and says what is missing`, async () => {
      const { definitions, store } = registry(modules);
      const result = await definitions.apply(shipped, by);
      assert.ok(!result.applied && result.code === "definitions_unserved");
      assert.match(result.missing.join("\n"), message);
      assert.equal(await store.active(), undefined);
    });

  it("two at the same moment: the second is told, and the first stays in force", async () => {
    const { definitions, store } = registry();
    await definitions.apply(shipped, by);
    store.beforeActivate = async () => {
      store.beforeActivate = async () => undefined;
      await definitions.apply(retitled(), { author: "bob", reason: "first" });
    };
    assert.deepEqual(refused(await definitions.apply(slower(), by)), ["definitions_superseded", 2, "bob"]);
    assert.equal((await store.active())?.author, "bob");
  });

  it("somebody was faster than the author: he is told who and what, and nothing is changed", async () => {
    const { definitions, store } = registry();
    await definitions.apply(shipped, by, 0);
    await definitions.apply(retitled(), { author: "bob", reason: "a better title" }, 1);
    const result = await definitions.apply(slower(), by, 1);
    assert.deepEqual(refused(result), ["definitions_superseded", 2, "bob"]);
    assert.ok(!result.applied && result.code === "definitions_superseded");
    assert.deepEqual(result.inForce?.changed, ["flow pay"]);
    assert.equal((await store.active())?.version, 2);
    assert.ok((await definitions.apply(slower(retitled()), by, 2)).applied);
  });

  it("a double click applies once", async () => {
    const { definitions, store } = registry();
    await definitions.apply(shipped, by);
    const [first, second] = await Promise.all([1, 2].map(() => definitions.apply(slower(), by, 1)));
    assert.deepEqual([first, second].map((each) => each?.applied).sort(), [false, true]);
    assert.equal((await store.active())?.version, 2);
  });
});

describe("definitions: history", () => {
  it("tells newest first who activated what and why, without the text", async () => {
    const { definitions } = registry();
    assert.deepEqual(await definitions.history(), []);
    await definitions.apply(shipped, by);
    await definitions.apply(slower(), { author: "bob", reason: "merchants complain" });
    const [second, first] = await definitions.history();
    assert.deepEqual(second, {
      ...{ version: 2, author: "bob", reason: "merchants complain", atMs: 0 },
      changed: ["flow notify"],
    });
    assert.equal(first?.changed.length, 15);
  });

  it("returns to a version, whole, as a new one", async () => {
    const { definitions, store } = registry();
    await definitions.apply(shipped, by);
    await definitions.apply(slower(retitled()), by);
    const result = await definitions.rollbackTo(1, by, 2);
    assert.deepEqual(result, { applied: true, version: 3, changed: ["flow notify", "flow pay"] });
    assert.deepEqual((await store.active())?.files, shipped);
    assert.deepEqual(refused(await definitions.rollbackTo(1, by, 2)), ["definitions_superseded", 3, "alice"]);
    await assert.rejects(definitions.rollbackTo(9, by), { code: "version_unknown" });
  });
});

describe("definitions: rollback", () => {
  it("returns one flow and the transactions it uses; everything else stays as it is now", async () => {
    const { definitions, store } = registry();
    await definitions.apply(shipped, by);
    const steps = (files: readonly DefinitionFile[]) =>
      edited(
        "transactions/order.present.json",
        (text) => text.replace(', { "atom": "caller.answer" }', ""),
        files,
      );
    await definitions.apply(slower(steps(retitled())), by);
    const result = await definitions.rollback("pay", by);
    assert.deepEqual(result, { applied: true, version: 3, changed: ["flow pay"] });
    const files = new Map((await store.active())?.files.map(({ path, text }) => [path, text]));
    const original = new Map(shipped.map(({ path, text }) => [path, text]));
    for (const path of ["pay.flow.json", "transactions/order.present.json", "types.json"])
      assert.equal(files.get(path), original.get(path), path);
    assert.notEqual(files.get("notify.flow.json"), original.get("notify.flow.json"));
    const [first, , third] = (await store.history(3)).toReversed();
    assert.equal(third?.flows["pay"], first?.flows["pay"]);
  });

  it("does not undo what somebody applies while it is under way", async () => {
    const { definitions, store, modules } = registry();
    await definitions.apply(shipped, by);
    await definitions.apply(retitled(), by);
    const lookedUp = modules.live.bind(modules);
    modules.live = async () => {
      modules.live = lookedUp;
      await definitions.apply(slower(retitled()), { author: "bob", reason: "meanwhile" });
      return lookedUp();
    };
    const result = await definitions.rollback("pay", by);
    assert.deepEqual(refused(result), ["definitions_superseded", 3, "bob"]);
    assert.equal((await store.active())?.author, "bob");
  });

  it("without an earlier version says so", async () => {
    const { definitions } = registry();
    await assert.rejects(definitions.rollback("pay", by), { code: "version_unknown" });
    await definitions.apply(shipped, by);
    await assert.rejects(definitions.rollback("pay", by), { code: "version_unknown" });
    await assert.rejects(definitions.rollback("nowhere", by), { code: "version_unknown" });
  });
});

describe("definitions: list", () => {
  it("says since which set each flow is in force, and its types", async () => {
    const { definitions } = registry();
    assert.deepEqual(await definitions.list(), []);
    await definitions.apply(shipped, by);
    await definitions.apply(slower(), by);
    const flows = (await definitions.list()).map(({ flow, types, sinceVersion }) => [
      flow,
      types.join(),
      sinceVersion,
    ]);
    assert.deepEqual(flows, [
      ["accounting", "", 1],
      ["accounting-refund", "", 1],
      ["callback", "channel.callback", 1],
      ["close", "close,expire", 1],
      ["late", "", 1],
      ["notify", "", 2],
      ["notify-refund", "", 1],
      ["pay", "pay,topup", 1],
      ["refund", "refund", 1],
    ]);
  });
});

describe("covers", () => {
  const rows: readonly (readonly [served: string, wanted: string, boolean])[] = [
    ["flow.pay", "flow.pay", true],
    ["flow.*", "flow.pay", true],
    ["flow.*", "flow.pay.extra", false],
    ["flow.pay", "flow.refund", false],
    ["channel.sim", "channel.{channel}", true],
    ["channel.sim", "channel.{channel}.follow", false],
    ["channel.sim.follow", "channel.{channel}.follow", true],
    ["channel.sim.follow", "channel.{channel}", false],
    ["notify", "notify", true],
    ["notify", "flow.notify", false],
    ["feed.*", "feed.accounting", true],
    ["flow.*", "feed.accounting", false],
  ];
  for (const [served, wanted, expected] of rows)
    it(`${served} ${expected ? "serves" : "does not serve"} ${wanted}`, () => {
      assert.equal(covers(served, wanted), expected);
    });
});

describe("active catalogue", () => {
  it("keeps every plan a run may be pinned to, and tells when the set has changed", async () => {
    const { definitions, store } = registry();
    await definitions.apply(shipped, by);
    const catalogue = new ActiveCatalogue(store);
    let changes = 0;
    catalogue.onChange(() => changes++);
    await catalogue.refresh();
    const old = catalogue.type("pay")!.plan;
    await definitions.apply(retitled(), by);
    assert.equal(catalogue.type("pay")?.plan.hash, old.hash, "nothing changes before the refresh");
    await catalogue.refresh();
    await catalogue.refresh();
    assert.equal(changes, 2);
    assert.notEqual(catalogue.type("pay")?.plan.hash, old.hash);
    assert.equal((await catalogue.plan(old.hash))?.hash, old.hash);
    assert.equal(
      (await new ActiveCatalogue(store).plan(old.hash))?.hash,
      old.hash,
      "also where it was never active",
    );
    assert.deepEqual(catalogue.type("topup")?.set, { business: "topup" });
  });

  it("never goes back to an older set, whichever refresh is slower", async () => {
    const { definitions, store } = registry();
    await definitions.apply(shipped, by);
    const catalogue = new ActiveCatalogue(store);
    const fetchPlan = store.plan.bind(store);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    store.plan = async (hash) => (await held, fetchPlan(hash));
    const slow = catalogue.refresh();
    await settled();
    // The second one finds its plans at once.
    store.plan = fetchPlan;
    await definitions.apply(retitled(), by);
    await catalogue.refresh();
    release();
    await slow;
    assert.equal(catalogue.version, 2);
  });
});
