import assert from "node:assert/strict";
import type { Browser, Locator, Page } from "playwright-core";
import {
  byId,
  type ConsoleOptions,
  launchBrowser,
  phone,
  screenshot,
  withPage,
  widerThanWindow,
} from "../../support/browser.js";
import { seat, type Visitor } from "../../support/console/people.js";
import { describeInVerify } from "../../support/buses.js";
import { confirm, TwoChannels } from "../../support/console/two-channels.js";

/** Chromium itself logs answers that refuse, and a stream that ends with the test. */
const refused = /Failed to load resource: .*(404|409|422|503)|ERR_/;
/** An order in work takes almost a second, two at a time. */
const drainMsMax = 20_000;

type OpenOptions = Omit<ConsoleOptions, "url" | "expectedErrors"> & { readonly as?: Visitor };

describeInVerify("console: channels, routes and queues, in a browser", function () {
  this.timeout(60_000);
  let browser: Browser;
  let world: TwoChannels;

  before(async () => {
    [browser, world] = await Promise.all([launchBrowser(), TwoChannels.start()]);
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  /** As ann, unless somebody else is named. `changes`: every `POST path` of the page so far. */
  const open = (
    path: string,
    use: (page: Page, changes: readonly string[]) => Promise<void>,
    { as, ...options }: OpenOptions = {},
  ): Promise<void> =>
    withPage(browser, { url: world.admin, expectedErrors: [refused], ...options }, async (page, context) => {
      const changes: string[] = [];
      page.on("request", (request) => {
        if (request.method() === "POST") changes.push(new URL(request.url()).pathname);
      });
      await seat(context, world.admin, as ?? world.ann);
      await page.goto(path);
      await use(page, changes);
    });
  const card = (page: Page, channel: string): Locator => byId(page, `channel-${channel}`);
  const condition = (page: Page, rule: number): Locator =>
    byId(page, `rule-${rule}`).getByTestId("when").locator(".cm-content");
  const checked = (page: Page, state: string): Promise<void> =>
    page.locator(`[data-testid=check][data-state=${state}]`).waitFor();

  for (const [area, id] of [
    ["channels", "channel-beta"],
    ["routes", "rule-1"],
    ["queues", "queues"],
  ] as const)
    it(`${area} on a phone, dark, in Chinese: nothing is wider than the screen`, () =>
      open(
        `/${area}`,
        async (page) => {
          await byId(page, id).waitFor();
          assert.equal(await widerThanWindow(page), 0);
          await screenshot(page, `${area}-phone`);
        },
        { viewport: phone, dark: true, locale: "zh-CN" },
      ));

  describe("channels", () => {
    it("a drain counts to zero while new orders go elsewhere; then it is closed and says so", () =>
      open("/channels", async (page) => {
        await card(page, "alpha").getByTestId("to-draining").click();
        await byId(page, "reason").fill("a test");
        const queued = await world.order(12);
        await byId(page, "confirm").click();
        const drain = card(page, "alpha").getByTestId("drain");
        await drain.waitFor();
        const seen: number[] = [];
        const later = await world.order(2);
        const giveUpAtMs = Date.now() + drainMsMax;
        while ((await drain.getAttribute("data-drained")) !== "true" && Date.now() < giveUpAtMs) {
          seen.push(Number(await drain.getAttribute("data-left")));
          await page.waitForTimeout(100);
        }
        await screenshot(page, "channels-drained");
        assert.ok(
          seen.some((left) => left > 0),
          "some were left at first",
        );
        assert.deepEqual(
          [...seen],
          [...seen].sort((a, b) => b - a),
          "the count only falls",
        );
        assert.equal(await drain.getAttribute("data-left"), "0");
        assert.deepEqual(new Set(await world.channelsOf(queued)), new Set(["alpha"]));
        assert.deepEqual(await world.channelsOf(later), ["beta", "beta"]);

        await drain.getByTestId("close-drained").click();
        await confirm(page);
        await page.locator("[data-testid=channel-alpha][data-switch=closed]").waitFor();
        assert.match(await card(page, "alpha").getByTestId("standing").innerText(), /CLOSED/);
        assert.match(await card(page, "alpha").getByTestId("last-change").innerText(), /ann.*a test/);
        await screenshot(page, "channels-closed");
        assert.deepEqual(await world.channelsOf(await world.order(1)), ["beta"]);
      }));

    it("closing the last channel that takes orders says so before it is done", () =>
      open("/channels", async (page) => {
        await card(page, "beta").getByTestId("to-closed").click();
        await byId(page, "last-channel").waitFor();
        await page.keyboard.press("Escape");
        await card(page, "alpha").getByTestId("to-open").click();
        await confirm(page);
        await page.locator("[data-testid=channel-alpha][data-switch=open]").waitFor();
      }));

    it("a redirect needs a target, and sends orders there", () =>
      open("/channels", async (page) => {
        await card(page, "alpha").getByTestId("to-redirect").click();
        assert.ok(await byId(page, "confirm").isDisabled());
        await byId(page, "redirect-to").click();
        await page.getByTitle("beta", { exact: true }).click();
        await confirm(page);
        await page.locator("[data-testid=channel-alpha][data-switch=redirect]").waitFor();
        assert.deepEqual(await world.channelsOf(await world.order(1)), ["beta"]);
        await world.asBob("/channels/alpha/switch", { switch: "open" });
      }));

    it("of two operators the second is told what the first one did, and changes nothing", () =>
      open("/channels", async (page) => {
        await card(page, "alpha").getByTestId("to-closed").click();
        await world.asBob("/channels/alpha/switch", { switch: "draining" });
        await confirm(page);
        const problem = byId(page, "problem");
        await problem.waitFor();
        assert.match(await problem.innerText(), /draining by bob.*bob was first[\s\S]*switch_superseded/);
        await page.keyboard.press("Escape");
        await page.locator("[data-testid=channel-alpha][data-switch=draining]").waitFor();
        await world.asBob("/channels/alpha/switch", { switch: "open" });
      }));
  });

  describe("routes", () => {
    it("bad CEL is marked where it stands and cannot be applied; good rules are tried, applied and rolled back", () =>
      open("/routes", async (page, changes) => {
        await condition(page, 0).click();
        await page.keyboard.type("amuont > 1.0");
        await page.keyboard.press("Escape");
        await checked(page, "unsound");
        assert.match(await byId(page, "mistake").first().innerText(), /there is no field "amuont"/);
        assert.equal(await page.locator(".cm-lintRange-error").first().innerText(), "amuont");
        assert.ok(await byId(page, "apply").isDisabled());
        assert.ok(await byId(page, "try").isDisabled());
        await screenshot(page, "routes-mistake");

        await condition(page, 0).fill("amount > 500.0");
        await checked(page, "sound");
        await byId(page, "try").click();
        const result = byId(page, "trial-result");
        await result.waitFor();
        const [{ orders } = { orders: 0 }] = await world.query<{ orders: number }>(
          "select count(*)::int as orders from core.orders",
        );
        assert.equal(
          Number(await result.getAttribute("data-moved")),
          orders,
          "every order is below the amount",
        );
        await screenshot(page, "routes-trial");

        await page.getByText("A sample order").click();
        await byId(page, "try-sample").click();
        assert.match(await byId(page, "sample-result").innerText(), /alpha by first[\s\S]*alpha by first/);

        await byId(page, "apply").click();
        await confirm(page, 2);
        await byId(page, "apply").and(page.locator(":disabled")).waitFor();
        await page.getByRole("tab", { name: /version 3/ }).waitFor();
        assert.deepEqual(await world.channelsOf(await world.order(1)), ["beta"]);

        await page.getByRole("tab", { name: "History" }).click();
        await byId(page, "rollback-2").click();
        await byId(page, "difference").waitFor();
        await confirm(page);
        await page.getByRole("tab", { name: /version 4/ }).waitFor();
        assert.equal(changes.filter((change) => change.endsWith("/routes/apply")).length, 1);
      }));

    it("the second of two editors is told before anything is overwritten, and keeps the draft", () =>
      open("/routes", async (page) => {
        await condition(page, 1).fill("currency == 'CNY'");
        await checked(page, "sound");
        await world.applyRules([{ name: "bob's", channels: [{ channel: "*" }] }]);
        await byId(page, "newer").waitFor();
        assert.match(await byId(page, "newer").innerText(), /bob has put version \d+ in force/);
        assert.ok(await byId(page, "apply").isDisabled());
        assert.equal(await condition(page, 1).innerText(), "currency == 'CNY'");
        await screenshot(page, "routes-newer");
      }));

    it("completion offers fields with their types, and values that are met today", () =>
      open("/routes", async (page) => {
        await condition(page, 0).click();
        await page.keyboard.type("curr");
        const offered = page.locator(".cm-tooltip-autocomplete li");
        await offered.filter({ hasText: "currency" }).waitFor();
        assert.match(await offered.first().innerText(), /currency\s*string/);
        await page.keyboard.press("Escape");
        await page.keyboard.type("ency == '");
        await offered.filter({ hasText: "CNY" }).waitFor();
      }));

    it("a business administrator reads the rules and cannot change them, by the page or past it", () =>
      open(
        "/routes",
        async (page) => {
          await checked(page, "sound");
          assert.equal(await byId(page, "apply").count(), 0);
          assert.equal(await condition(page, 0).getAttribute("contenteditable"), "false");
          const past = await page.request.post("/admin/v1/routes/apply", {
            headers: { "x-csrf-token": world.bea.csrf },
            data: { files: [], reason: "a test" },
          });
          assert.deepEqual([past.status(), (await past.json()).code], [403, "right_missing"]);
        },
        { as: world.bea },
      ));
  });

  describe("queues", () => {
    const queue = "flow.pay";
    const dead = async (): Promise<number> => {
      const [row] = await world.query<{ count: number }>(
        "select count(*)::int as count from bus.dead_letters where queue = $1",
        [queue],
      );
      return row?.count ?? 0;
    };
    const audited = (action: string): Promise<readonly { readonly who: string }[]> =>
      world.query("select who from config.audit where action = $1", [action]);

    /** A message of a real order that no worker can read: it is buried as any other. */
    async function bury(): Promise<void> {
      const [order] = await world.order(1);
      const before = await dead();
      await world.query(
        `insert into bus.messages (message_id, queue, type, body, visible_at)
         select gen_random_uuid(), $2, 'run', json_build_object('runId', run_id, 'fields',
           json_build_object('subject', subject, 'cardNumber', '4242424242424242')), now()
         from core.orders where order_id = $1`,
        [order, queue],
      );
      while ((await dead()) === before) await new Promise((resolve) => setTimeout(resolve, 50));
    }

    it("a dead letter says why, whose it is, and shows what it carries masked", async () => {
      await bury();
      await open("/queues", async (page) => {
        await byId(page, `open-${queue}`).click();
        await byId(page, "open-letter").first().click();
        const letter = byId(page, "letter");
        await byId(page, "letter-order").waitFor();
        await letter.locator(".cm-content").waitFor();
        const text = await letter.innerText();
        assert.match(text, /message_malformed/);
        assert.match(text, /\*{12}4242/);
        assert.doesNotMatch(text, /4242424242424242/);
        await screenshot(page, "queues-letter");
      });
    });

    it("a double click replays it once", async () => {
      await open(`/queues?queue=${queue}`, async (page, changes) => {
        await byId(page, "replay-all").click();
        await confirm(page, 2);
        await byId(page, "reason-dialog").waitFor({ state: "hidden" });
        assert.equal(changes.filter((change) => change.endsWith("/replay")).length, 1);
      });
      assert.deepEqual(await audited("dead-letters.replay"), [{ who: "ann" }]);
      // What is wrong with it has not been mended: it dies again.
      while ((await dead()) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    });

    it("a discard wants the queue's name typed", () =>
      open(`/queues?queue=${queue}`, async (page) => {
        await byId(page, "discard-all").click();
        await byId(page, "reason").fill("a test");
        await byId(page, "typed").fill("flow.pax");
        assert.ok(await byId(page, "confirm").isDisabled());
        await byId(page, "typed").fill(queue);
        await confirm(page);
        await byId(page, "reason-dialog").waitFor({ state: "hidden" });
        assert.equal(await dead(), 0);
        await screenshot(page, "queues");
      }));

    it("who may not act sees letters and no buttons", async () => {
      await bury();
      const use = async (page: Page): Promise<void> => {
        await byId(page, "open-letter").first().waitFor();
        assert.equal(await byId(page, "replay-all").count(), 0);
      };
      await open(`/queues?queue=${queue}`, use, { as: world.bea });
    });
  });
});
