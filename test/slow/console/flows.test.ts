/** The flows page in a real browser, on the whole system: from a form to the first order of a new type, and every danger. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { DefinitionFile } from "../../../engine/schema/definitions.js";
import {
  byId,
  type ConsoleOptions,
  launchBrowser,
  phone,
  screenshot,
  withPage,
  widerThanWindow,
} from "../../support/browser.js";
import { newVisitor, seat, type Visitor } from "../../support/console/people.js";
import { Client } from "../../support/client.js";
import { whenVerifying } from "../../support/buses.js";
import { freshDatabase, type TestDatabase } from "../../support/postgres.js";
import { type RunningUp, startUp } from "../../support/system.js";

/** Chromium itself logs answers that refuse, and a stream that ends with the test. */
const refused = /Failed to load resource: .*(401|404|409|422|503|ERR_)|ERR_INCOMPLETE_CHUNKED_ENCODING/;

describe("console: flows, in a browser", function () {
  this.timeout(60_000);
  const dataDir = mkdtempSync(path.join(tmpdir(), "valence-test-"));
  let browser: Browser;
  let database: TestDatabase;
  let up: RunningUp;
  let operator: Visitor;

  before(async () => {
    database = await freshDatabase();
    [browser, up] = await Promise.all([launchBrowser(), startUp({ dataDir, databaseUrl: database.url })]);
    operator = await newVisitor(up.demo.admin, up.demo.adminToken, "ann", "super");
    const { bridge, merchantId, keyId, secret } = up.demo;
    const client = new Client(bridge, { merchantId, keyId, secret });
    for (const merchantOrderId of ["F-1", "F-2"]) {
      const order = { merchantOrderId, amount: 500, currency: "CNY", subject: "tea" };
      assert.equal((await client.post("/v1/orders", order)).body["status"], "paid");
    }
  });
  after(async () => {
    await (browser as Browser | undefined)?.close();
    await (up as RunningUp | undefined)?.stop();
    await (database as TestDatabase | undefined)?.drop();
    rmSync(dataDir, { recursive: true });
  });

  const open = (
    at: string,
    use: (page: Page, context: BrowserContext) => Promise<void>,
    options: Partial<ConsoleOptions> = {},
  ): Promise<void> =>
    withPage(
      browser,
      { url: up.demo.console, expectedErrors: [refused], ...options },
      async (page, context) => {
        await seat(context, up.demo.console, operator);
        await page.goto(at);
        await use(page, context);
      },
    );
  const admin = async <Body>(at: string, body?: object): Promise<Body> => {
    const response = await fetch(`${up.demo.admin}/admin/v1${at}`, {
      headers: { authorization: `Bearer ${up.demo.adminToken}`, "content-type": "application/json" },
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    assert.ok(response.ok, text);
    return JSON.parse(text) as Body;
  };
  const inForce = (): Promise<{ version: number; files: readonly DefinitionFile[] }> =>
    admin("/flows/definitions");
  /** Somebody else, at another desk. */
  const applyAs = async (author: string, file: string, from: string, to: string): Promise<void> => {
    const { files } = await inForce();
    const written = files.map(({ path: name, text }) => ({
      path: name,
      text: name === file ? text.replace(from, to) : text,
    }));
    await admin("/flows/apply", { files: written, author, reason: `${author} was faster` });
  };
  /** As a person who pastes: what is in force, with one thing changed. The cursor stands at its end. */
  const write = async (page: Page, file: string, from: string, to: string, until?: string): Promise<void> => {
    const text = (await inForce()).files.find(({ path: name }) => name === file)?.text ?? "";
    assert.ok(text.includes(from), `${from} stands in ${file}`);
    const written = text.replace(from, to);
    await page.locator("[data-testid=editor] .cm-content").focus();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.insertText(until === undefined ? written : written.slice(0, written.indexOf(until)));
  };
  const checked = (page: Page, state: string): Promise<void> =>
    page.locator(`[data-testid=check][data-state=${state}]`).waitFor();
  const activate = async (page: Page, clicks = 1): Promise<void> => {
    await byId(page, "activate").click();
    await byId(page, "reason").fill("a test");
    await byId(page, "confirm").click({ clickCount: clicks, delay: 5 });
  };

  whenVerifying(
    "a new type by the form, its difference, a replay, in force, and its first order is counted",
    () =>
      open("/flows", async (page) => {
        const { version } = await inForce();
        await byId(page, "new-type").click();
        await byId(page, "type-name").fill("gift");
        await byId(page, "type-title").fill("Gift card");
        await byId(page, "add-preset").click();
        await byId(page, "preset-field-0").click();
        await page.keyboard.type("business");
        await page.keyboard.press("Enter");
        await byId(page, "preset-value-0").fill("topup");
        await screenshot(page, "flows-new-type");
        await byId(page, "new-type-confirm").click();

        await page.locator("[data-testid=difference-type-gift][data-change=added]").waitFor();
        await page
          .locator("[data-testid=replay-report][data-same='2'][data-differs='0'][data-unknown='0']")
          .waitFor();
        await screenshot(page, "flows-review");
        await activate(page, 2);
        await page.locator(`[data-testid=in-force][data-version='${version + 1}']`).waitFor();
        assert.equal((await inForce()).version, version + 1, "a double click applies once");
        await screenshot(page, "flows-list");

        await byId(page, "flow-pay").click();
        await page.locator("[data-testid=counted][data-runs='2']").waitFor();
        const { bridge, merchantId, keyId, secret } = up.demo;
        const answer = await new Client(bridge, { merchantId, keyId, secret }).post("/v1/transactions/gift", {
          ...{ merchantOrderId: "G-1", amount: 700, currency: "CNY", subject: "a card" },
        });
        assert.equal(answer.body["status"], "paid");
        await page.locator("[data-testid=counted][data-runs='3']").waitFor();
        await page
          .locator(".react-flow__edge-text", { hasText: /^approved · 3$/ })
          .first()
          .waitFor();
        await screenshot(page, "flows-drawing");
      }),
  );

  it("what does not compile is marked where it is, and cannot be put in force", () =>
    open("/flows/edit?file=pay.flow.json", async (page) => {
      const { version } = await inForce();
      await checked(page, "sound");
      await write(page, "pay.flow.json", '"ok": "charge"', '"ok": "chrage"');
      await checked(page, "unsound");
      assert.equal(await byId(page, "review").isDisabled(), true);
      await byId(page, "diagnostic").first().click();
      await page.locator(".cm-lintRange-error", { hasText: "chrage" }).first().waitFor();
      assert.match(await byId(page, "diagnostics").innerText(), /did you mean "charge"/);
      await screenshot(page, "flows-diagnostics");
      assert.equal((await inForce()).version, version);
    }));

  whenVerifying(
    "a change of a flow: its runs are replayed, and those that would go another way are told",
    () =>
      open("/flows/edit?file=pay.flow.json", async (page) => {
        await checked(page, "sound");
        await write(page, "pay.flow.json", '"approved": "settle",', '"approved": "park:review",');
        await checked(page, "sound");
        await byId(page, "review").click();
        await byId(page, "difference-flow-pay").waitFor();
        await page.locator("[data-testid=replay-report][data-differs='3']").waitFor();
        assert.match(await byId(page, "replayed-differs").first().innerText(), /end:paid[^]*park:review/);
        await screenshot(page, "flows-replay-differs");
      }),
  );

  it("two operators: the second is told who was faster, and brings the own change on top", () =>
    open("/flows/edit?file=notify.flow.json", async (page) => {
      const { version } = await inForce();
      await checked(page, "sound");
      await write(page, "notify.flow.json", "Tell the merchant", "Tell the good merchant");
      await checked(page, "sound");
      await byId(page, "review").click();
      await byId(page, "difference-flow-notify").waitFor();
      await applyAs("bob", "accounting.flow.json", "Enter paid orders", "Enter all paid orders");
      await activate(page);
      await page
        .locator("[data-testid=reason-dialog] [data-testid=problem-code]", {
          hasText: "definitions_superseded",
        })
        .waitFor();
      assert.equal((await inForce()).version, version + 1);
      await page.keyboard.press("Escape");
      assert.match(await byId(page, "superseded").innerText(), /by bob[^]*bob was faster/);
      await screenshot(page, "flows-superseded");
      await byId(page, "look-at-difference").click();
      await byId(page, "newer").waitFor();
      await byId(page, "take-over").click();
      await checked(page, "sound");
      await byId(page, "review").click();
      await activate(page);
      await page.locator(`[data-testid=in-force][data-version='${version + 2}']`).waitFor();
      const texts = (await inForce()).files.map(({ text }) => text).join("\n");
      assert.ok(texts.includes("Tell the good merchant") && texts.includes("Enter all paid orders"));
    }));

  whenVerifying("history says who and why, and leads back", () =>
    open("/flows/history", async (page) => {
      const { version } = await inForce();
      assert.match(
        await byId(page, `version-${version - 1}`).innerText(),
        /bob[^]*bob was faster[^]*flow accounting/,
      );
      await byId(page, "back-to-1").click();
      await byId(page, "reason").fill("a test");
      await page.locator("[data-testid=difference-type-gift][data-change=removed]").waitFor();
      await screenshot(page, "flows-history");
      await byId(page, "confirm").click();
      await byId(page, `version-${version + 1}`).waitFor();
      const [latest] = (await admin<{ history: { changed: string[] }[] }>("/flows/history")).history;
      assert.deepEqual(latest?.changed.toSorted(), ["flow accounting", "flow notify", "type gift (removed)"]);
    }),
  );

  whenVerifying("completion knows the vocabulary", () =>
    open("/flows/edit?file=transactions/order.present.json", async (page) => {
      await checked(page, "sound");
      await write(page, "transactions/order.present.json", '"caller.answer"', '"@"', "@");
      await page.keyboard.type("accou");
      await page.locator(".cm-tooltip-autocomplete li", { hasText: "accounting.enter" }).waitFor();
      await screenshot(page, "flows-completion");
      // For 75 ms the editor takes Enter for a new line: nobody can have read the list by then.
      await page.waitForTimeout(200);
      await page.keyboard.press("Enter");
      await page.locator(".cm-line", { hasText: '"atom": "accounting.enter' }).waitFor();
    }),
  );

  whenVerifying("on a phone nothing is wider than the screen", () =>
    open(
      "/flows",
      async (page) => {
        await byId(page, "flow-pay").waitFor();
        for (const at of ["/flows", "/flows/flow/pay", "/flows/edit", "/flows/history"]) {
          await page.goto(at);
          await page.locator("h1").waitFor();
          const wider = await widerThanWindow(page);
          assert.ok(wider <= 0, `${at}: ${wider} px`);
        }
        await page.goto("/flows/flow/pay");
        await byId(page, "node-stage:charge").waitFor();
        await screenshot(page, "flows-phone");
      },
      { viewport: phone, dark: true, locale: "zh-CN" },
    ),
  );
});
