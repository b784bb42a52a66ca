/** The pages about orders, in a browser, on a running system: what they do is asked of the institution. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import type { OrderStory } from "../../../engine/ports/index.js";
import type { Role } from "../../../engine/registry/rights.js";
import {
  byId,
  type ConsoleOptions,
  launchBrowser,
  phone,
  screenshot,
  withPage,
  widerThanWindow,
} from "../../support/browser.js";
import { cliJson } from "../../support/cli.js";
import { describeInVerify } from "../../support/buses.js";
import { newVisitor, seat } from "../../support/console/people.js";
import { Client } from "../../support/client.js";
import { askAdmin, type RunningUp, startUp } from "../../support/system.js";

/** Chromium itself logs answers of 4xx, and what a page that is closed had begun to read. */
const refused = /Failed to load resource: .*(401|403|ERR_)|metrics\/stream/;

describeInVerify("console, orders, in a browser", function () {
  this.timeout(60_000);
  const dataDir = mkdtempSync(path.join(tmpdir(), "valence-console-orders-"));
  let browser: Browser;
  let up: RunningUp;
  let client: Client;
  let people = 0;

  before(async () => {
    browser = await launchBrowser();
    up = await startUp({ dataDir });
    client = new Client(up.demo.bridge, up.demo);
  });
  after(async () => {
    await (browser as Browser | undefined)?.close();
    await (up as RunningUp | undefined)?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** A person of this role at the console. */
  const as = (
    role: Role,
    use: (page: Page) => Promise<void>,
    options: Omit<ConsoleOptions, "url" | "expectedErrors"> = {},
  ): Promise<void> =>
    withPage(
      browser,
      { url: up.demo.admin, expectedErrors: [refused], ...options },
      async (page, context) => {
        const { admin, adminToken } = up.demo;
        await seat(context, admin, await newVisitor(admin, adminToken, `person${++people}`, role));
        // Everything runs beside the browser on this machine.
        page.setDefaultTimeout(20_000);
        await use(page);
      },
    );
  const pay = async (merchantOrderId: string, more: object = {}): Promise<string> => {
    const order = { merchantOrderId, amount: 1234, currency: "CNY", subject: "Two coffees", ...more };
    const { body } = await client.post("/v1/orders", { notifyUrl: up.demo.notifyUrl, ...order });
    return String(body["orderId"]);
  };
  const story = (orderId: string): Promise<OrderStory> =>
    askAdmin<OrderStory>(up, `/admin/v1/orders/${orderId}`);
  /** Every run is over: the story does not change any more. */
  const settled = async (orderId: string): Promise<OrderStory> => {
    for (let look = 0; look < 200; look++) {
      const seen = await story(orderId);
      if (seen.runs.length > 1 && seen.runs.every(({ state }) => state === "ended")) return seen;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`order ${orderId} does not settle`);
  };
  const sim = async <T>(at: string, body?: object): Promise<T> => {
    const headers = { "content-type": "application/json" };
    const init = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
    return (await (await fetch(`${up.demo.simulator}/__sim/${at}`, init)).json()) as T;
  };
  const text = (page: Page, id: string): Promise<string> => byId(page, id).first().innerText();
  const say = async (page: Page, reason: string): Promise<void> => {
    await byId(page, "reason").fill(reason);
    await byId(page, "confirm").dblclick();
    await byId(page, "reason-dialog").waitFor({ state: "hidden" });
  };

  it("any of its numbers leads to the order, and what is shown is what `order show` says", async () => {
    const orderId = await pay("console-1");
    const { payments } = await settled(orderId);
    await as("business", async (page) => {
      for (const number of ["console-1", orderId, payments[0]?.channelOrderId ?? ""]) {
        await page.goto("/orders");
        await byId(page, "number").fill(number);
        await page.keyboard.press("Enter");
        await byId(page, "story").waitFor();
        assert.equal(new URL(page.url()).pathname, `/orders/${orderId}`, number);
      }
      // Pasted it is looked up without another key.
      await page.goto("/orders");
      const shown = page.waitForResponse((response) => response.url().endsWith(`/orders/${orderId}`));
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(orderId)})`);
      await byId(page, "number").press("Control+V");
      await byId(page, "story").waitFor();
      const told = (await (await shown).json()) as OrderStory;
      assert.deepEqual(told, await cliJson<OrderStory>(["order", "show", orderId, "--data", dataDir]));
      assert.equal(await text(page, "because"), `Because: ${told.because}`);
      assert.match(await text(page, "amount"), /12\.34/);
      const events = page.locator("[data-testid^=event-]");
      assert.equal(await events.count(), told.timeline.length);
      assert.match(await events.nth(0).innerText(), /Run of pay accepted/);
      await screenshot(page, "order");
    });
  });

  it("a refund that is confirmed by a double click goes back once", async () => {
    const orderId = await pay("console-2");
    const { payments } = await settled(orderId);
    await as("business", async (page) => {
      await page.goto(`/orders/${orderId}`);
      await byId(page, "act-refund").click();
      await byId(page, "refund-amount").fill("99");
      assert.equal(await byId(page, "confirm").isDisabled(), true, "more than was paid");
      await byId(page, "refund-amount").fill("3");
      await screenshot(page, "order-refund");
      await say(page, "broken cup");
      await byId(page, "refunded").waitFor();
      assert.match(await text(page, "refunded"), /3\.00/);
      assert.equal(await byId(page, "refund").count(), 1);
      assert.equal(await byId(page, "event-operator").count(), 1);
    });
    const charges = await sim<{ readonly paymentId: string; readonly refunded: number }[]>("charges");
    assert.equal(charges.find(({ paymentId }) => paymentId === payments[0]?.paymentId)?.refunded, 300);
  });

  it("inquire now decides an order whose callback never came", async () => {
    // The first question, after 5 s, comes too early; the second is far away when the payer has paid.
    await sim("faults", { match: { operation: "payer" }, kind: "slow", delayMs: 6_000 });
    await sim("faults", { match: { operation: "callback" }, kind: "no-callback" });
    const orderId = await pay("console-3", { method: "qr" });
    const paymentId = (await story(orderId)).payments[0]?.paymentId;
    await as("business", async (page) => {
      await page.goto(`/orders/${orderId}`);
      for (let paid = false; !paid; await new Promise((resolve) => setTimeout(resolve, 50)))
        paid = (await sim<{ paymentId: string }[]>("charges")).some(
          (charge) => charge.paymentId === paymentId,
        );
      await byId(page, "act-inquire").click();
      await say(page, "the payer calls");
      await page.locator("[data-testid=order-status]", { hasText: "Paid" }).waitFor();
      assert.match(await text(page, "why-close"), /the order is paid/);
    });
    const { operatorActions } = await story(orderId);
    assert.deepEqual(
      operatorActions.map(({ action, author }) => [action, author]),
      [["inquire", `person${people}`]],
    );
  });

  it("who may only look sees no action, and the API refuses it", async () => {
    const orderId = await pay("console-4");
    await settled(orderId);
    await as("system", async (page) => {
      await page.goto(`/orders/${orderId}`);
      await byId(page, "story").waitFor();
      assert.equal(await byId(page, "actions").count(), 0);
      assert.equal(await byId(page, "resend-order.paid").count(), 0);
      const answer = await page.evaluate(async (id) => {
        const session = (await (await fetch("/admin/v1/session")).json()) as { csrf: string };
        const response = await fetch(`/admin/v1/orders/${id}/refund`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-csrf-token": session.csrf },
          body: JSON.stringify({
            actionId: "5e0b3a8e-9c55-4b0e-8f5f-0f3b7b1d8a11",
            author: "x",
            reason: "x",
          }),
        });
        return [response.status, ((await response.json()) as { code: string }).code];
      }, orderId);
      assert.deepEqual(answer, [403, "right_missing"]);
    });
    assert.deepEqual((await story(orderId)).refunds, []);
  });

  it("the list is narrowed by what an order is, and its filters stand in the address", () =>
    as("business", async (page) => {
      await page.goto("/orders");
      await byId(page, "order-console-1").waitFor();
      await byId(page, "filter-merchantId").fill("nobody");
      await page.keyboard.press("Enter");
      await byId(page, "empty").waitFor();
      assert.equal(new URL(page.url()).search, "?merchantId=nobody");
      await byId(page, "clear").click();
      await byId(page, "order-console-1").waitFor();
      await page.goto("/orders?status=partially_refunded");
      await byId(page, "order-console-2").waitFor();
      assert.equal(await byId(page, "order-console-1").count(), 0);
      await screenshot(page, "orders");
    }));

  it("on a phone, in Chinese, at night: a list of cards, and nothing is wider than the screen", () =>
    as(
      "business",
      async (page) => {
        await page.goto("/orders");
        await byId(page, "order-console-1").waitFor();
        assert.equal(await widerThanWindow(page), 0);
        await screenshot(page, "orders-phone-zh");
        await byId(page, "order-console-2").click();
        await byId(page, "story").waitFor();
        assert.match(await text(page, "order-status"), /已部分退款/);
        assert.equal(await widerThanWindow(page), 0);
        await screenshot(page, "order-phone-zh");
      },
      { viewport: phone, locale: "zh-CN", dark: true },
    ));
});
