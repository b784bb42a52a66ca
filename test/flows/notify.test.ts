import assert from "node:assert/strict";
import { table } from "../support/memory/table.js";
import { World } from "../support/memory/world.js";

/** `sent`: attempts under one webhook id; `row`: status and attempts of the notification. */
const rows = `
# merchant answers  sent  row          run
200                 1     delivered 1  ended delivered
204                 1     delivered 1  ended delivered
500>200             2     delivered 2  ended delivered
0>500>200           3     delivered 3  ended delivered
500>500>500>200     3     failed 3     ended failed
302                 3     failed 3     ended failed
`;

describe("notify: a decided order", () => {
  for (const [answers = "", sent, row, end] of table(rows)) {
    it(`merchant answers ${answers}: ${row} after ${sent} attempts`, async () => {
      const world = await World.create();
      world.webhooks.statuses = answers.split(">").map(Number);
      world.submit({ notifyUrl: "https://merchant.example/n", metadata: { table: "7" } });
      await world.drain();
      const [notification] = world.database.rows("notifications");
      assert.equal(`${String(notification?.["status"])} ${String(notification?.["attempts"])}`, row);
      assert.equal(world.webhooks.sent.length, Number(sent));
      assert.equal(new Set(world.webhooks.sent.map(({ webhookId }) => webhookId)).size, 1);
      assert.equal(world.stateOf(String(notification?.["runId"])), end);
    });
  }

  it("attempts are two minutes apart, and each carries its own time", async () => {
    const world = await World.create();
    world.webhooks.statuses = [500];
    world.submit({ notifyUrl: "https://merchant.example/n" });
    await world.drain();
    const [first, second, third] = world.webhooks.sent.map(({ timestampS }) => timestampS);
    assert.deepEqual([second! - first!, third! - second!], [120, 120]);
  });

  it("is told as the API shows it, with its metadata and without what is over", async () => {
    const world = await World.create({ alpha: { charge: ["action"], inquire: ["approved"] } });
    world.submit({ notifyUrl: "https://merchant.example/n", metadata: { table: "7" } });
    await world.drain();
    const { type, data } = JSON.parse(world.webhooks.sent[0]?.body ?? "{}") as {
      type: string;
      data: Record<string, unknown>;
    };
    assert.equal(type, "order.paid");
    const { merchantOrderId, status, amount, metadata, action, error } = data;
    assert.deepEqual(
      { merchantOrderId, status, amount, metadata, action, error },
      {
        merchantOrderId: "A-1",
        status: "paid",
        amount: 1000,
        metadata: { table: "7" },
        action: undefined,
        error: undefined,
      },
    );
  });

  it("that was paid after a moment without a channel is told without that error", async () => {
    const world = await World.create({ alpha: { charge: ["notSent", "approved"] } });
    world.submit({ notifyUrl: "https://merchant.example/n", channel: "alpha" });
    await world.drain();
    const { data } = JSON.parse(world.webhooks.sent[0]?.body ?? "{}") as { data: Record<string, unknown> };
    assert.deepEqual([data["status"], data["error"]], ["paid", undefined]);
  });

  it("nobody wants to hear of leaves no notification", async () => {
    const world = await World.create();
    world.submit();
    await world.drain();
    assert.deepEqual(world.webhooks.sent, []);
    assert.deepEqual(world.database.rows("notifications"), []);
    assert.ok(world.database.rows("runs").some(({ reason }) => reason === "unwanted"));
  });
});
