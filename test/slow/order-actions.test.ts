/**
 * What an operator does to an order, through the admin API of a running system: the institution, the merchant and the
 * database are asked what came of it.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ActionDone } from "../../adapters/http/admin/order-services.js";
import type { OrderPage, OrderStory, PossibleAction } from "../../engine/ports/index.js";
import { cli, cliJson } from "../support/cli.js";
import { Client } from "../support/client.js";
import { askAdmin, type RunningUp, startUp } from "../support/system.js";

interface Delivery {
  readonly webhookId: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const by = { author: "ann", reason: "the payer calls" };

describe("an operator acts on orders", function () {
  this.timeout(90_000);
  const dataDir = mkdtempSync(path.join(tmpdir(), "valence-orders-"));
  let up: RunningUp;
  let client: Client;
  before(async () => {
    up = await startUp({ dataDir });
    client = new Client(up.demo.bridge, up.demo);
  });
  after(async () => {
    await (up as RunningUp | undefined)?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const until = async <T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> => {
    const giveUpAtMs = Date.now() + 20_000;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      assert.ok(Date.now() < giveUpAtMs, `waited in vain: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const pay = async (merchantOrderId: string, more: object = {}): Promise<string> => {
    const order = { merchantOrderId, amount: 1000, currency: "CNY", subject: "tea", ...more };
    const { body } = await client.post("/v1/orders", order);
    return String(body["orderId"]);
  };
  const story = (orderId: string): Promise<OrderStory> =>
    askAdmin<OrderStory>(up, `/admin/v1/orders/${orderId}`);
  const act = async (
    orderId: string,
    action: string,
    body: object,
  ): Promise<{ readonly status: number; readonly body: ActionDone & { readonly code?: string } }> => {
    const response = await fetch(`${up.demo.admin}/admin/v1/orders/${orderId}/${action}`, {
      method: "POST",
      headers: { authorization: `Bearer ${up.demo.adminToken}`, "content-type": "application/json" },
      body: JSON.stringify({ actionId: randomUUID(), ...by, ...body }),
    });
    return { status: response.status, body: (await response.json()) as ActionDone };
  };
  const possible = ({ actions }: OrderStory, name: string): PossibleAction =>
    actions.find(({ action }) => action === name) ?? assert.fail(`${name} is spoken of`);
  const sim = async <T>(at: string, body?: object): Promise<T> => {
    const init = body && { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(`${up.demo.simulator}/__sim/${at}`, {
      ...init,
      headers: { "content-type": "application/json" },
    });
    return (await response.json()) as T;
  };
  const refundedAtInstitution = async (orderId: string): Promise<number> => {
    const { payments } = await story(orderId);
    const charges = await sim<{ readonly paymentId: string; readonly refunded: number }[]>("charges");
    return charges.find(({ paymentId }) => paymentId === payments[0]?.paymentId)?.refunded ?? 0;
  };

  it("a refund by double click goes back once; the same id for something else is refused", async () => {
    const orderId = await pay("double-click");
    const asked = { actionId: randomUUID(), amount: 300 };
    const answers = await Promise.all([1, 2, 3].map(() => act(orderId, "refund", asked)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 202]);
    assert.equal(new Set(answers.map(({ body }) => body.runId)).size, 1);
    await until("it is refunded", async () => (await story(orderId)).order?.status === "partially_refunded");
    assert.equal(await refundedAtInstitution(orderId), 300);
    const other = await act(orderId, "refund", { ...asked, amount: 400 });
    assert.deepEqual([other.status, other.body.code], [409, "action_mismatch"]);

    const tooMuch = await act(orderId, "refund", { amount: 701 });
    assert.deepEqual([tooMuch.status, tooMuch.body.code], [409, "refund_exceeds_payment"]);
    assert.equal((await act(orderId, "refund", {})).status, 202);
    await until("the rest is refunded", async () => (await story(orderId)).order?.status === "refunded");
    assert.equal(await refundedAtInstitution(orderId), 1000);
    assert.equal(possible(await story(orderId), "refund").code, "nothing-left");
    assert.equal((await act(orderId, "refund", {})).body.code, "action_impossible");
  });

  it("a notification is sent again under its number and says what it said, whatever has happened since", async () => {
    const orderId = await pay("again", { notifyUrl: up.demo.notifyUrl, metadata: { shelf: "7" } });
    const deliveries = async (): Promise<readonly Delivery[]> => {
      const response = await fetch(`${up.demo.merchant}/notifications?orderId=${orderId}`);
      return ((await response.json()) as { readonly deliveries: readonly Delivery[] }).deliveries;
    };
    await until("it is delivered", async () => possible(await story(orderId), "resend").possible);
    assert.equal((await act(orderId, "refund", { amount: 1 })).status, 202);
    await until("its refund is delivered", async () => (await deliveries()).length === 2);
    const refundSent = async (): Promise<boolean> =>
      (await story(orderId)).notifications.every(({ status }) => status === "delivered");
    await until("both are recorded", refundSent);

    const unnamed = await act(orderId, "resend", {});
    assert.deepEqual([unnamed.status, unnamed.body.code], [422, "field_invalid"]);
    for (const event of ["order.paid", "refund.refunded"]) {
      const before = (await deliveries()).find(({ type }) => type === event);
      const { notifications } = await story(orderId);
      const notificationId = notifications.find((each) => each.event === event)?.notificationId;
      assert.equal((await act(orderId, "resend", { notificationId })).status, 202, event);
      const same = async (): Promise<readonly Delivery[] | false> => {
        const all = (await deliveries()).filter(({ webhookId }) => webhookId === notificationId);
        return all.length === 2 && all;
      };
      const [first, second] = await until(`${event} comes again`, same);
      assert.equal(first?.webhookId, before?.webhookId);
      assert.deepEqual(second?.data, first?.data, `${event} says what it said`);
      assert.equal(second?.type, event);
    }
    const told = await until("the attempts are counted", async () => {
      const { notifications } = await story(orderId);
      return notifications.every(({ status }) => status === "delivered") && notifications;
    });
    assert.deepEqual(
      told.map(({ attempts }) => attempts),
      [2, 2],
    );
  });

  it("inquire now decides what nobody has told us, before it would have been asked about", async () => {
    await sim("faults", { match: { operation: "callback" }, kind: "no-callback" });
    const orderId = await pay("quiet", { method: "qr" });
    const paymentId = (await story(orderId)).payments[0]?.paymentId;
    await until("the payer has paid", async () => {
      const charges = await sim<{ readonly paymentId: string }[]>("charges");
      return charges.some((charge) => charge.paymentId === paymentId);
    });
    const waiting = await story(orderId);
    const timer = waiting.runs[0]?.carriedBy.find(({ kind }) => kind === "timer");
    assert.ok(timer?.kind === "timer");
    assert.equal(possible(waiting, "inquire").code, "can");
    assert.equal((await act(orderId, "inquire", {})).status, 202);
    const paid = await until("it is paid", async () => {
      const seen = await story(orderId);
      return seen.order?.status === "paid" && seen;
    });
    assert.ok((paid.order?.updatedAtMs ?? Infinity) < timer.dueAtMs, "no timer had to fire");
    assert.deepEqual(
      paid.operatorActions.map(({ action, author, reason }) => [action, author, reason]),
      [["inquire", by.author, by.reason]],
    );
    assert.ok(paid.timeline.some(({ kind, name }) => kind === "operator" && name === "inquire"));
    assert.equal((await act(orderId, "inquire", {})).body.code, "action_impossible");
  });

  it("asks once in a while only", async () => {
    await sim("faults", { match: { operation: "payer" }, kind: "slow", delayMs: 60_000 });
    const orderId = await pay("patient", { method: "qr" });
    assert.equal((await act(orderId, "inquire", {})).status, 202);
    await until(
      "it waits again",
      async () => possible(await story(orderId), "inquire").code === "asked-recently",
    );
    const again = await act(orderId, "inquire", {});
    assert.deepEqual([again.status, again.body.code], [429, "asked_too_soon"]);

    const closed = await act(orderId, "close", {});
    assert.equal(closed.status, 202);
    await until("it is closed", async () => (await story(orderId)).order?.status === "closed");
    assert.equal(possible(await story(orderId), "close").code, "closed");
  });

  it("the command line finds, explains and acts with the same words", async () => {
    const data = ["--data", dataDir];
    const orderId = await pay("by-hand");
    const channelOrderId = (await story(orderId)).payments[0]?.channelOrderId ?? "";
    for (const number of [orderId, "by-hand"]) {
      const page = await askAdmin<OrderPage>(up, `/admin/v1/orders?number=${number}`);
      assert.deepEqual(
        page.orders.map((order) => order.orderId),
        [orderId],
        number,
      );
    }
    const page = await cliJson<OrderPage>(["order", "list", "--number", channelOrderId, ...data]);
    assert.equal(page.orders[0]?.orderId, orderId);
    const refused = await cli(["order", "close", orderId, "--reason", "mistake", ...data]);
    assert.deepEqual([refused.code, /is paid: refund it instead/.test(refused.stderr)], [1, true]);
    const text = (await cli(["order", "show", orderId, ...data])).stdout;
    assert.match(text, /not {2}close: the order is paid: refund it instead/);
    assert.match(text, /can {2}refund: up to 10\.00 CNY/);
    const done = await cli([
      "order",
      "refund",
      orderId,
      "--amount",
      "250",
      "--reason",
      "broken cup",
      ...data,
    ]);
    assert.deepEqual([done.code, done.stderr], [0, ""]);
    await until("it is refunded", async () => (await story(orderId)).order?.refundedMinor === 250);
  });

  it("searches that make no sense are refused", async () => {
    const response = await fetch(`${up.demo.admin}/admin/v1/orders?colour=red`, {
      headers: { authorization: `Bearer ${up.demo.adminToken}` },
    });
    assert.equal(response.status, 422);
  });
});
