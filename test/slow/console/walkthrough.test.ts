/**
 * What `docs/console.md` tells, done: from the printed link to live throughput in one click, and from a new transaction
 * type to its first order on the dashboard without leaving the console, within three minutes.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { byId, launchBrowser, screenshot, withPage } from "../../support/browser.js";
import { Client } from "../../support/client.js";
import { type RunningUp, startUp } from "../../support/system.js";

/** Chromium itself logs a stream that ends with the page, and that nobody was signed in before the link. */
const ended = /ERR_INCOMPLETE_CHUNKED_ENCODING|401 \(Unauthorized\) .*\/session/;
/** What the console promises an operator. */
const walkMsMax = 180_000;
/** Counts are recorded in steps of five seconds, and the page fetches them every ten. */
const countedMsMax = 30_000;

/** A page of the navigation, by the name a person reads. */
const goTo = (page: Page, name: string): Promise<void> =>
  page
    .getByRole("navigation")
    .getByRole("link", { name })
    .or(page.getByRole("menuitem", { name }))
    .first()
    .click();

describe("the walkthrough of the console", function () {
  this.timeout(walkMsMax);
  const dataDir = mkdtempSync(path.join(tmpdir(), "valence-test-"));
  let browser: Browser;
  let up: RunningUp;

  before(async () => {
    [browser, up] = await Promise.all([launchBrowser(), startUp({ dataDir })]);
    const { bridge, merchantId, keyId, secret } = up.demo;
    const order = { merchantOrderId: "before", amount: 100, currency: "CNY", subject: "tea" };
    const { body } = await new Client(bridge, { merchantId, keyId, secret }).post("/v1/orders", order);
    assert.equal(body["status"], "paid");
  });
  after(async () => {
    await (browser as Browser | undefined)?.close();
    await (up as RunningUp | undefined)?.stop();
    rmSync(dataDir, { recursive: true });
  });

  it("one click on the printed link, a new type, its first order on the dashboard", async () => {
    const link = /http:\S+\/welcome#\S+/.exec(up.stdout())?.[0];
    assert.ok(link, "the first start prints a one-time link");
    const options = { url: up.demo.console, expectedErrors: [ended] };
    await withPage(browser, options, async (page) => {
      await page.goto(link);
      await page.waitForURL("**/throughput**");
      await page.locator("[data-testid=live-badge][data-state=live]").waitFor();
      await byId(page, "row-flow").or(byId(page, "row-pay")).first().waitFor({ timeout: countedMsMax });
      await screenshot(page, "1-throughput");

      await goTo(page, "Flows");
      await byId(page, "new-type").click();
      await byId(page, "type-name").fill("gift");
      await byId(page, "type-title").fill("Gift card");
      // A merchant may do the businesses that are open for it; the demo merchant's are pay and topup.
      await byId(page, "add-preset").click();
      await byId(page, "preset-field-0").click();
      await page.keyboard.type("business");
      await page.keyboard.press("Enter");
      await byId(page, "preset-value-0").fill("topup");
      await screenshot(page, "2-new-type");
      await byId(page, "new-type-confirm").click();
      await page.locator("[data-testid=difference-type-gift][data-change=added]").waitFor();
      await page.locator("[data-testid=replay-report][data-differs='0']").waitFor();
      await screenshot(page, "3-review");
      await byId(page, "activate").click();
      await byId(page, "reason").fill("gift cards are sold from today");
      await byId(page, "confirm").click();
      await page.locator("[data-testid=in-force][data-version='2']").waitFor();

      await byId(page, "flow-pay").click();
      await byId(page, "try-type").click();
      await page.locator(".ant-select-item-option", { hasText: "gift" }).click();
      await byId(page, "demo-order").click();
      await byId(page, "demo-send").click();
      await byId(page, "demo-answer").getByText("paid").waitFor();
      await screenshot(page, "4-demo-order");
      await byId(page, "demo-answer").getByRole("link").click();
      await page.waitForURL("**/orders/**");
      await byId(page, "because").waitFor();
      await screenshot(page, "5-order");

      await goTo(page, "Throughput");
      await byId(page, "group").getByText("Types").click();
      await page.locator("[data-testid=count-gift][data-count='1']").waitFor({ timeout: countedMsMax });
      await screenshot(page, "6-counted");
    });
  });
});
