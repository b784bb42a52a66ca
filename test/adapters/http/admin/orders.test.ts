/** The admin API's reading of searches and actions; what becomes of them is asked elsewhere. */
import assert from "node:assert/strict";
import type { OrderServices } from "../../../../adapters/http/admin/order-services.js";
import { orderRoutes } from "../../../../adapters/http/admin/routes/orders.js";
import { createServer } from "../../../../adapters/http/server.js";
import { systemClock } from "../../../../adapters/system/clock.js";
import type { OrderQuery } from "../../../../engine/ports/index.js";
import { silent } from "../../../../engine/ports/telemetry.js";

const actionId = "5e0b3a8e-9c55-4b0e-8f5f-0f3b7b1d8a11";
const orderId = "01a20010-0f42-774c-adb7-b3aa4907c2c8";
const by = { author: "ann", reason: "the payer calls" };

type Called = readonly [what: string, ...asked: readonly unknown[]];

function server(): { readonly app: ReturnType<typeof createServer>; readonly called: Called[] } {
  const called: Called[] = [];
  const services: OrderServices = {
    search: async (query) => {
      called.push(["search", query]);
      return { orders: [] };
    },
    story: async () => undefined,
    act: async (id, asked) => {
      called.push(["act", id, asked]);
      const repeated = called.length > 1;
      return { actionId: asked.actionId, action: asked.action, orderId: id, will: "it happens", repeated };
    },
    release: async (asked) => {
      called.push(["release", asked]);
      return { actionId: asked.actionId, action: "release", will: "it goes on", repeated: false };
    },
  };
  const app = createServer({ clock: systemClock, telemetry: silent, bodyBytesMax: 10_000 });
  orderRoutes(app, services);
  return { app, called };
}

describe("admin API, orders: searches", () => {
  const queries: readonly (readonly [string, Partial<OrderQuery>])[] = [
    ["", {}],
    ["number=A-1", { number: "A-1" }],
    ["number=%20A-1%20", { number: "A-1" }],
    ["status=paid,failed&status=closed", { statuses: ["paid", "failed", "closed"] }],
    ["from=2026-11-22&to=2026-11-22T08:30:00%2B08:00", { fromMs: 1795305600000, toMs: 1795307400000 }],
    ["amountMin=0&amountMax=500", { amountMinorMin: 0, amountMinorMax: 500 }],
    ["merchantId=demo&type=pay&channel=alpha", { merchantId: "demo", type: "pay", channel: "alpha" }],
    ["attention=parked&limit=100", { attention: "parked", limit: 100 }],
    [`after=${orderId}`, { after: orderId }],
  ];
  for (const [text, query] of queries) {
    it(`?${text}`, async () => {
      const { app, called } = server();
      const { statusCode } = await app.inject({ url: `/admin/v1/orders?${text}` });
      assert.equal(statusCode, 200);
      assert.deepEqual(called, [["search", { limit: 50, ...query }]]);
    });
  }

  const refused: readonly (readonly [string, string])[] = [
    ["merchant=demo", "?merchant"],
    ["number=A&number=B", "?number"],
    ["number=", "?number"],
    ["status=paid,lost", "?status"],
    ["from=yesterday", "?from"],
    ["from=2026-11-23&to=2026-11-22", "?from"],
    ["amountMin=1.5", "?amountMin"],
    ["amountMin=2&amountMax=1", "?amountMin"],
    ["amountMax=-1", "?amountMax"],
    ["attention=none", "?attention"],
    ["after=1", "?after"],
    ["limit=0", "?limit"],
    ["limit=101", "?limit"],
  ];
  for (const [text, pointer] of refused) {
    it(`?${text}: 422 that points to ${pointer}, and nothing is searched`, async () => {
      const { app, called } = server();
      const answer = await app.inject({ url: `/admin/v1/orders?${text}` });
      const { code, errors } = answer.json<{ code: string; errors: { pointer: string }[] }>();
      assert.deepEqual([answer.statusCode, code], [422, "field_invalid"]);
      assert.deepEqual(
        errors.map((error) => error.pointer),
        [pointer],
      );
      assert.deepEqual(called, []);
    });
  }
});

describe("admin API, orders: actions", () => {
  const post = (app: ReturnType<typeof server>["app"], path: string, body: object) =>
    app.inject({ method: "POST", url: path, payload: body });

  const actions: readonly (readonly [string, object, object])[] = [
    ["inquire", {}, { action: "inquire" }],
    ["close", {}, { action: "close" }],
    ["resend", {}, { action: "resend" }],
    ["resend", { notificationId: "n1" }, { action: "resend", notificationId: "n1" }],
    ["refund", {}, { action: "refund" }],
    [
      "refund",
      { amount: 300, merchantRefundId: "R-1" },
      { action: "refund", amountMinor: 300, merchantRefundId: "R-1" },
    ],
  ];
  for (const [name, members, asked] of actions) {
    it(`${name} ${JSON.stringify(members)}: 202 and where to see it; a repeat: 200`, async () => {
      const { app, called } = server();
      const body = { actionId, ...by, ...members };
      const first = await post(app, `/admin/v1/orders/${orderId}/${name}`, body);
      assert.deepEqual([first.statusCode, first.headers["location"]], [202, `/admin/v1/orders/${orderId}`]);
      assert.deepEqual(called, [["act", orderId, { ...asked, actionId, by }]]);
      assert.equal((await post(app, `/admin/v1/orders/${orderId}/${name}`, body)).statusCode, 200);
    });
  }

  const refused: readonly (readonly [string, string, object])[] = [
    ["no id of the action", "close", by],
    ["an id that is none", "close", { actionId: "1", ...by }],
    ["no reason", "inquire", { actionId, author: "ann" }],
    ["an amount of nothing", "refund", { actionId, ...by, amount: 0 }],
    ["half a minor unit", "refund", { actionId, ...by, amount: 0.5 }],
    ["a member of another action", "close", { actionId, ...by, amount: 1 }],
  ];
  for (const [what, name, body] of refused) {
    it(`${name} with ${what}: 422, and nothing is done`, async () => {
      const { app, called } = server();
      assert.equal((await post(app, `/admin/v1/orders/${orderId}/${name}`, body)).statusCode, 422);
      assert.deepEqual(called, []);
    });
  }

  it("a release takes a stage and what was decided", async () => {
    const { app, called } = server();
    const decided = { handReference: "T-1" };
    const body = { actionId, stage: "release", decided, ...by };
    assert.equal((await post(app, `/admin/v1/runs/${orderId}/release`, body)).statusCode, 202);
    assert.deepEqual(called, [["release", { runId: orderId, actionId, by, stage: "release", decided }]]);
    const wrong = await post(app, `/admin/v1/runs/${orderId}/release`, { decided: "T-1", ...by });
    assert.equal(wrong.statusCode, 422);
  });
});
