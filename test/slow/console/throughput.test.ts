/**
 * The throughput page in a real browser, in front of a real system of several processes: what it shows is what
 * happened, a stream that breaks leaves the data and says how old it is, and a module that died is named.
 */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { limits } from "../../../engine/limits.js";
import { describeInVerify } from "../../support/buses.js";
import { byId, launchBrowser, phone, screenshot, withPage, widerThanWindow } from "../../support/browser.js";
import { Client, submit } from "../../support/client.js";
import { Cluster } from "../../support/cluster.js";
import { newVisitor, seat, type Visitor } from "../../support/console/people.js";
import { freePort } from "../../support/ports.js";
import { freshDatabase, onServer, type TestDatabase } from "../../support/postgres.js";

const token = "a-token-of-the-throughput-page-test";
const orders = 20;
/** Chromium itself logs a stream that is cut. */
const lost =
  /ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RE(FUSED|SET)|ERR_EMPTY_RESPONSE|ERR_FAILED|ERR_ABORTED/;

describeInVerify("console: throughput", function () {
  this.timeout(120_000);
  let browser: Browser;
  let home: TestDatabase;
  let cluster: Cluster;
  let url: string;
  /** May watch and little more. */
  let watcher: Visitor;

  before(async () => {
    browser = await launchBrowser();
    home = await freshDatabase();
    const adminPort = String(await freePort());
    url = `http://127.0.0.1:${adminPort}`;
    cluster = await Cluster.start(
      home.url,
      [["flow", "scheduler", "channel:simulator", "bridge"], ["notify", "feed"], ["admin"]],
      new Map(),
      { VALENCE_ADMIN_PORT: adminPort, VALENCE_ADMIN_TOKEN: token },
    );
    watcher = await newVisitor(url, token, "wei", "business");
    const client = new Client(cluster.bridge, cluster.credentials);
    for (let n = 0; n < orders; n++)
      await submit(
        client,
        {
          merchantOrderId: `C-${n}`,
          amount: 100,
          currency: "CNY",
          subject: "tea",
          notifyUrl: cluster.notifyUrl,
        },
        Date.now() + 30_000,
      );
  });
  after(async () => {
    await cluster?.stop();
    await home?.drop();
    await browser?.close();
  });

  const open = (
    use: (page: Page) => Promise<void>,
    options: { readonly viewport?: typeof phone; readonly locale?: string; readonly dark?: boolean } = {},
  ): Promise<void> =>
    withPage(browser, { url, expectedErrors: [lost], ...options }, async (page) => {
      await seat(page.context(), url, watcher);
      await page.goto("/throughput?minutes=5&by=types");
      await page.locator("[data-testid=live-badge][data-state=live]").waitFor();
      await use(page);
    });

  it("the numbers shown are those of the rows in the database", () =>
    open(async (page) => {
      const inDatabase = await onServer(home.url, async (client) => {
        const { rows } = await client.query<{ count: number }>(
          "select count(*)::int as count from core.runs where state = 'ended' and flow = 'pay' and type = 'pay'",
        );
        return rows[0]?.count;
      });
      assert.equal(inDatabase, orders);
      // Recorded in steps of five seconds, and fetched every ten.
      await page.locator(`[data-testid=count-pay][data-count="${orders}"]`).waitFor({ timeout: 25_000 });
      await byId(page, "chart-rate").locator("canvas").waitFor();
      assert.match(
        (await byId(page, "chart-rate").getAttribute("aria-label")) ?? "",
        new RegExp(`${orders} in all`),
      );
      await page.getByText("paid 100%").first().waitFor();
      const bottleneck = byId(page, "bottleneck");
      assert.ok(["calm", "idle"].includes((await bottleneck.getAttribute("data-cause")) ?? ""));
      await byId(page, "group").getByText("Channels").click();
      await byId(page, "row-simulator").waitFor();
      await byId(page, "group").getByText("Queues").click();
      await byId(page, "row-flow.pay").waitFor();
      await screenshot(page, "throughput");
    }));

  it("on a phone, in Chinese, in the dark: nothing is wider than the screen", () =>
    open(
      async (page) => {
        await page.getByText("没有瓶颈").or(page.getByText("空闲：")).first().waitFor();
        await byId(page, "row-pay").waitFor();
        assert.equal(await widerThanWindow(page), 0);
        await screenshot(page, "throughput-phone-dark-zh");
      },
      { viewport: phone, locale: "zh-CN", dark: true },
    ));

  it("the stream is cut: what was seen stays and says how old it is; it recovers by itself", () =>
    open(async (page) => {
      const inFlight = byId(page, "tile-inFlight");
      await byId(page, "row-pay").waitFor();
      await inFlight.getByText("–", { exact: true }).waitFor({ state: "hidden" });
      await cluster.kill("admin");
      await page.locator("[data-testid=live-badge][data-state=broken]").waitFor();
      await page.locator("[data-testid=stale-frame][data-stale=true]").first().waitFor();
      assert.equal(await inFlight.getByText("–", { exact: true }).count(), 0, "the data is kept");
      assert.ok(await byId(page, "row-pay").isVisible());
      await screenshot(page, "throughput-stale");
      await cluster.up("admin");
      await page.locator("[data-testid=live-badge][data-state=live]").waitFor({ timeout: 30_000 });
      await page.locator("[data-testid=stale-frame][data-stale=false]").first().waitFor();
    }));

  it("kill -9 of a module: it is named above everything else, in words", () =>
    open(async (page) => {
      await byId(page, "row-pay").waitFor();
      assert.equal(await byId(page, "sick-modules").count(), 0);
      await cluster.kill("notify+feed");
      const sick = byId(page, "sick-notify");
      await sick.waitFor({ timeout: limits.moduleLostMs + 2 * limits.moduleBeatMs + 3_000 });
      assert.equal(await sick.getAttribute("data-state"), "lost");
      assert.match((await sick.textContent()) ?? "", /^notify is lost \(process \d+ on .*\): no beat for/);
      await screenshot(page, "throughput-lost");
    }));
});
