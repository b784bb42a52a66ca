import assert from "node:assert/strict";
import { type Admin, createAdmin } from "../../../../adapters/http/admin/admin.js";
import type { AdminServices } from "../../../../adapters/http/admin/services.js";
import { systemClock } from "../../../../adapters/system/clock.js";
import { limits } from "../../../../engine/limits.js";
import type { Identity } from "../../../../engine/ports/index.js";
import { silent } from "../../../../engine/ports/telemetry.js";
import { recordedDefinitions } from "../../../support/admin/definitions.js";
import { recordedOrders, recordedQueueing, recordedRouting } from "../../../support/recorded-services.js";
import { shippedFiles, shippedPlan } from "../../../support/shipped.js";

const token = "an-admin-token-of-this-test";
const by = { author: "ann", reason: "test" };

/** The HTTP side alone: what would change the system is written down. */
class Recorded implements AdminServices {
  readonly token = token;
  readonly publicUrl = "";
  /** Nobody has a session here. */
  readonly identity = {} as Identity;
  readonly audit: AdminServices["audit"] = {
    entries: async () => [],
    verify: async () => ({ sound: true, lines: 0, head: { seq: 0, hash: "" } }),
  };
  readonly clock = systemClock;
  readonly telemetry = silent;
  readonly changes: unknown[] = [];
  readonly consoleDir = "/nowhere";
  isReady = true;

  readonly definitions = recordedDefinitions(this.changes);
  readonly orders = recordedOrders(this.changes);
  modules: AdminServices["modules"] = async () => [];
  readonly queueing = recordedQueueing(this.changes);
  readonly routing = recordedRouting(this.changes);
  readonly throughput: AdminServices["throughput"] = {
    hello: { version: "0", stepS: 5 },
    look: () => Promise.reject(new Error("not in this test")),
    history: () => Promise.reject(new Error("not in this test")),
  };
  readonly demo = {
    merchantId: "demo" as string | undefined,
    order: async (order: unknown) => {
      this.changes.push(["demo order", order]);
      return { status: 201, body: { status: "paid" } };
    },
  };
  checks: AdminServices["checks"] = async () => [];
  ready: AdminServices["ready"] = async () =>
    this.isReady ? { ready: true } : { ready: false, why: "test" };
  metrics: AdminServices["metrics"] = async () => "valence_test 1\n";
}

const alpha = "/admin/v1/channels/alpha/switch";
const trialPath = "/admin/v1/routes/trial";
const discardPath = "/admin/v1/dead-letters/notify/discard";
const discardAll = { ...by, confirm: "notify", diedUntilMs: 5 };
const ruleFile = { path: "routes.json", text: '[{ "name": "all", "channels": [{ "channel": "*" }] }]' };
const runId = "01a20010-0f42-774c-adb7-b3aa4907c2c8";

describe("admin API", () => {
  let admin: Admin;
  let url: string;
  let services: Recorded;

  beforeEach(async () => {
    services = new Recorded();
    admin = await createAdmin(services);
    url = await admin.listen(0, "127.0.0.1");
  });
  afterEach(() => admin.close());

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = { authorization: `Bearer ${token}` },
  ): Promise<{ status: number; type: string | null; body: Record<string, unknown> }> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get("content-type");
    return { status: response.status, type, body: type?.includes("json") ? JSON.parse(text) : { text } };
  }

  const strangers: readonly (readonly [string, Record<string, string>])[] = [
    ["no token", {}],
    ["another token", { authorization: "Bearer an-admin-token-of-this-tesT" }],
    ["the beginning of the token", { authorization: `Bearer ${token.slice(0, -1)}` }],
    ["the token and more", { authorization: `Bearer ${token}x` }],
    ["another scheme", { authorization: `Basic ${token}` }],
    ["an empty token", { authorization: "Bearer " }],
  ];
  for (const [what, headers] of strangers) {
    it(`${what}: 401 for reads and changes, and nothing is changed`, async () => {
      const release = { stage: "settle", ...by };
      for (const [method, path, body] of [
        ["GET", "/admin/v1/flows", undefined],
        ["POST", "/admin/v1/flows/apply", { files: shippedFiles, ...by }],
        ["POST", `/admin/v1/runs/${runId}/release`, release],
        ["PUT", "/admin/v1/flows", undefined],
      ] as const) {
        const answer = await call(method, path, body, headers);
        assert.deepEqual(
          [answer.status, answer.body["code"]],
          [401, "admin_unauthorized"],
          `${method} ${path}`,
        );
        assert.equal(answer.type, "application/problem+json");
      }
      assert.deepEqual(services.changes, []);
    });
  }

  it("probes and metrics need no token; a system that is not ready says why", async () => {
    assert.deepEqual((await call("GET", "/healthz", undefined, {})).body, { status: "ok" });
    assert.equal((await call("GET", "/metrics", undefined, {})).body["text"], "valence_test 1\n");
    services.isReady = false;
    const { status, body } = await call("GET", "/readyz", undefined, {});
    assert.deepEqual([status, body], [503, { ready: false, why: "test" }]);
  });

  const refusals: readonly (readonly [string, string, string, unknown, number, string])[] = [
    // what                             method  path                                  body                               status code
    [
      "no author",
      "POST",
      "/admin/v1/flows/apply",
      { files: shippedFiles, reason: "x" },
      422,
      "field_invalid",
    ],
    ["no reason", "POST", "/admin/v1/flows/pay/rollback", { author: "ann" }, 422, "field_invalid"],
    [
      "a blank reason",
      "POST",
      "/admin/v1/flows/pay/rollback",
      { author: "ann", reason: " " },
      422,
      "field_invalid",
    ],
    ["no files", "POST", "/admin/v1/flows/check", {}, 422, "field_invalid"],
    ["files that are none", "POST", "/admin/v1/flows/check", { files: ["types.json"] }, 422, "field_invalid"],
    [
      "a member that is not known",
      "POST",
      "/admin/v1/dead-letters/notify/replay",
      { ...by, ids: [] },
      422,
      "field_invalid",
    ],
    [
      "ids that are none",
      "POST",
      "/admin/v1/dead-letters/notify/replay",
      { ...by, messageIds: ["1"] },
      422,
      "field_invalid",
    ],
    [
      "an empty list of ids, which is not all of them",
      "POST",
      "/admin/v1/dead-letters/notify/replay",
      { ...by, messageIds: [] },
      422,
      "field_invalid",
    ],
    ["a discard of everything", "POST", "/admin/v1/dead-letters/notify/discard", by, 422, "field_missing"],
    ["a switch nobody has", "POST", alpha, { switch: "ajar", ...by }, 422, "field_invalid"],
    ["a switch without a reason", "POST", alpha, { switch: "closed", author: "ann" }, 422, "field_invalid"],
    ["a redirect to nowhere", "POST", alpha, { switch: "redirect", ...by }, 422, "field_invalid"],
    [
      "a target without a redirect",
      "POST",
      alpha,
      { switch: "open", redirectTo: "beta", ...by },
      422,
      "field_invalid",
    ],
    [
      "a policy nobody has",
      "POST",
      alpha,
      { switch: "closed", waiting: "perhaps", ...by },
      422,
      "field_invalid",
    ],
    [
      "a channel nobody has",
      "POST",
      "/admin/v1/channels/gamma/switch",
      { switch: "closed", ...by },
      404,
      "channel_unknown",
    ],
    [
      "rules in two files",
      "POST",
      "/admin/v1/routes/apply",
      { files: [ruleFile, ruleFile], ...by },
      422,
      "field_invalid",
    ],
    ["rules without a reason", "POST", "/admin/v1/routes/apply", { files: [ruleFile] }, 422, "field_invalid"],
    ["a sample without an amount", "POST", "/admin/v1/routes/try", {}, 422, "field_invalid"],
    ["a trial on no orders", "POST", trialPath, { orders: [] }, 422, "field_invalid"],
    ["a trial that does not say on which", "POST", trialPath, {}, 422, "field_invalid"],
    ["a trial on too many orders", "POST", trialPath, { orders: { last: 501 } }, 422, "field_invalid"],
    ["a trial on half an order", "POST", trialPath, { orders: { last: 0.5 } }, 422, "field_invalid"],
    ["a trial on orders nobody knows", "POST", trialPath, { orders: [{ sum: 1 }] }, 422, "field_invalid"],
    ["a page of no letters", "GET", "/admin/v1/dead-letters?limit=0", undefined, 422, "field_invalid"],
    ["a page of all letters", "GET", "/admin/v1/dead-letters?limit=501", undefined, 422, "field_invalid"],
    ["a letter that can be none", "GET", "/admin/v1/dead-letters/notify/1", undefined, 404, "not_found"],
    ["a letter that is gone", "GET", `/admin/v1/dead-letters/notify/${runId}`, undefined, 404, "not_found"],
    ["queues, perhaps empty", "GET", "/admin/v1/queues?empty=perhaps", undefined, 422, "field_invalid"],
    [
      "all letters, confirmed for another queue",
      "POST",
      discardPath,
      { ...discardAll, confirm: "pay" },
      422,
      "field_invalid",
    ],
    ["all letters, seen by nobody", "POST", discardPath, { ...by, confirm: "notify" }, 422, "field_missing"],
    [
      "some letters and all of them",
      "POST",
      discardPath,
      { ...discardAll, messageIds: [runId] },
      422,
      "field_invalid",
    ],
    ["a run that can be none", "POST", "/admin/v1/runs/1/release", by, 404, "not_found"],
    ["half a body", "POST", "/admin/v1/flows/check", '{"files":', 400, "malformed_json"],
    [
      "a body over the limit",
      "POST",
      "/admin/v1/flows/check",
      `"${"x".repeat(limits.definitionBytesMax)}"`,
      413,
      "body_too_large",
    ],
    ["a flow without an earlier version", "POST", "/admin/v1/flows/pay/rollback", by, 404, "version_unknown"],
    ["an order nobody knows", "GET", "/admin/v1/orders/m1", undefined, 404, "not_found"],
    ["a type nobody knows", "GET", "/admin/v1/flows/plan/nope", undefined, 404, "type_unknown"],
    ["another path", "GET", "/admin/v1/nope", undefined, 404, "not_found"],
    ["another method", "POST", "/admin/v1/flows", by, 405, "method_not_allowed"],
  ];
  for (const [what, method, path, body, status, code] of refusals) {
    it(`${what}: ${status} ${code}, and nothing is changed`, async () => {
      const answer = await call(method, path, body);
      assert.deepEqual([answer.status, answer.body["code"]], [status, code]);
      assert.deepEqual(services.changes, []);
    });
  }

  it("unsound definitions: 422 with every diagnostic; sound ones carry who and why", async () => {
    const broken = [...shippedFiles, { path: "bad.flow.json", text: "{}" }];
    const refused = await call("POST", "/admin/v1/flows/apply", { files: broken, ...by });
    assert.deepEqual([refused.status, refused.body["code"]], [422, "definitions_unsound"]);
    const [first] = refused.body["diagnostics"] as { file: string; code: string }[];
    assert.equal(first?.file, "bad.flow.json");

    const checked = await call("POST", "/admin/v1/flows/check", { files: broken });
    assert.deepEqual([checked.status, checked.body["ok"]], [200, false]);

    const applied = await call("POST", "/admin/v1/flows/apply", { files: shippedFiles, ...by });
    assert.deepEqual([applied.status, applied.body["applied"]], [200, true]);
    assert.deepEqual(services.changes, [["apply", shippedFiles.length, by, undefined]]);
  });

  it("a plan comes as data, as text and as a drawing", async () => {
    const { body } = await call("GET", "/admin/v1/flows/plan/pay");
    assert.equal((body["plan"] as { hash: string }).hash, shippedPlan("pay").hash);
    assert.match(String(body["text"]), /^flow pay/);
    assert.match(String(body["drawing"]), /^flowchart/);
  });

  it("a channel is switched by name, with who and why; its state comes back", async () => {
    const redirect = {
      switch: "redirect",
      redirectTo: "beta",
      waiting: "stay",
      expectedSwitch: "open",
      ...by,
    };
    const { status, body } = await call("POST", alpha, redirect);
    assert.deepEqual([status, body["drained"]], [200, true]);
    assert.deepEqual(services.changes, [["switch", { channel: "alpha", ...redirect }]]);
    assert.equal((await call("GET", "/admin/v1/channels/alpha/drain")).body["switch"], "draining");
  });

  it("rules: unsound ones are refused with every diagnostic; sound ones carry version, who and why", async () => {
    const broken = { path: "routes.json", text: '[{ "name": "all", "channels": [{ "channel": "gamma" }] }]' };
    const refused = await call("POST", "/admin/v1/routes/apply", { files: [broken], ...by });
    assert.deepEqual([refused.status, refused.body["code"]], [422, "rules_unsound"]);
    const [first] = refused.body["diagnostics"] as { pointer: string; code: string }[];
    assert.deepEqual([first?.pointer, first?.code], ["/0/channels/0/channel", "ROUTE_CHANNEL_UNKNOWN"]);
    assert.deepEqual(services.changes, []);

    const sound = { files: [ruleFile], expectedVersion: 3, ...by };
    assert.equal((await call("POST", "/admin/v1/routes/apply", sound)).body["version"], 4);
    assert.equal((await call("POST", "/admin/v1/routes/rollback", { version: 2, ...by })).status, 200);
    assert.deepEqual(services.changes, [
      ["rules", 1, by, 3],
      ["rules back", by, 2, undefined],
    ]);
    assert.equal((await call("GET", "/admin/v1/routes")).body["version"], 3);
    const tried = await call("POST", "/admin/v1/routes/try", { amount: 100 });
    assert.equal(tried.body["why"], "no channel for 100");
  });

  it("rules are tried on samples and on recorded orders; unsound ones answer every diagnostic", async () => {
    const samples = { files: [ruleFile], orders: [{ amount: 100 }, { amount: 200 }] };
    const { status, body } = await call("POST", trialPath, samples);
    assert.deepEqual([status, body["version"]], [200, 3]);
    assert.equal((body["summary"] as { orders: number }).orders, 2);
    assert.equal((await call("POST", trialPath, { orders: { last: 500 } })).status, 200);
    const broken = { files: [{ ...ruleFile, text: "[]" }], orders: { last: 1 } };
    const refused = await call("POST", trialPath, broken);
    assert.deepEqual([refused.status, refused.body["code"]], [422, "rules_unsound"]);
    const { body: words } = await call("GET", "/admin/v1/routes/vocabulary");
    assert.ok((words["facts"] as readonly unknown[]).length > 0);
    assert.deepEqual(services.changes, []);
  });

  it("dead letters come in pages, of one queue or of all", async () => {
    const asked = async (path: string): Promise<unknown> =>
      JSON.parse(String((await call("GET", path)).body["next"]));
    assert.deepEqual(await asked("/admin/v1/dead-letters"), { limit: 200 });
    assert.deepEqual(await asked("/admin/v1/dead-letters/notify?limit=5&after=x"), {
      ...{ limit: 5, queue: "notify", after: "x" },
    });
  });

  it("a discard names its letters, or confirms all that the operator has seen", async () => {
    assert.equal((await call("POST", discardPath, { ...by, messageIds: [runId] })).status, 200);
    assert.deepEqual((await call("POST", discardPath, discardAll)).body, { discarded: 1 });
    assert.deepEqual(services.changes, [
      ["discard", "notify", { messageIds: [runId] }, by],
      ["discard", "notify", { diedUntilMs: 5 }, by],
    ]);
  });

  it("release and replay hand over what was asked, and by whom", async () => {
    assert.equal(
      (await call("POST", `/admin/v1/runs/${runId}/release`, { stage: "settle", ...by })).status,
      202,
    );
    const replay = await call("POST", "/admin/v1/dead-letters/notify/replay", { messageIds: [runId], ...by });
    assert.deepEqual(replay.body, { replayed: 1 });
    assert.deepEqual(services.changes, [
      ["release", { runId, stage: "settle" }, by],
      ["replay", "notify", [runId], by],
    ]);
  });

  it("a demo order goes to the bridge as asked, and the bridge's answer comes back", async () => {
    assert.deepEqual((await call("GET", "/admin/v1/demo")).body, { available: true, merchantId: "demo" });
    const { status, body } = await call("POST", "/admin/v1/demo/orders", { type: "topup", amount: 250 });
    assert.deepEqual([status, body], [200, { status: 201, body: { status: "paid" } }]);
    assert.deepEqual(services.changes, [["demo order", { type: "topup", amount: 250, currency: "CNY" }]]);
  });

  it("a system without a demo merchant places no demo orders", async () => {
    services.demo.merchantId = undefined;
    assert.deepEqual((await call("GET", "/admin/v1/demo")).body, { available: false });
    assert.equal((await call("POST", "/admin/v1/demo/orders", { amount: 250 })).status, 404);
    assert.deepEqual(services.changes, []);
  });
});
