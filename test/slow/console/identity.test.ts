import assert from "node:assert/strict";
import { TOTP } from "otpauth";
import type { Browser, Page } from "playwright-core";
import { AdminWorld, password } from "../../support/admin-world.js";
import { whenVerifying } from "../../support/buses.js";
import {
  byId,
  type ConsoleOptions,
  launchBrowser,
  phone,
  screenshot,
  signIn,
  withPage,
  widerThanWindow,
} from "../../support/browser.js";

/** Chromium itself logs answers of 4xx; this server has no module that feeds the live stream. */
const refused =
  /Failed to load resource: .*(401|403|404|409|422|429|503|ERR_INCOMPLETE_CHUNKED_ENCODING)|EventSource/;

describe("users, account and audit, in a browser", function () {
  this.timeout(60_000);
  let browser: Browser;
  let world: AdminWorld;
  before(async () => {
    [browser, world] = await Promise.all([launchBrowser(), AdminWorld.open()]);
  });
  beforeEach(() => world.forgetAttempts());
  after(async () => {
    await browser?.close();
    await world?.close();
  });

  const open = (
    use: (page: Page) => Promise<void>,
    options: Omit<ConsoleOptions, "url" | "expectedErrors"> = {},
  ): Promise<void> => withPage(browser, { url: world.url, expectedErrors: [refused], ...options }, use);

  async function signOut(page: Page): Promise<void> {
    await byId(page, "user-menu").click();
    await byId(page, "sign-out").click();
    await page.waitForURL("**/login");
  }

  it("the first run: one click on the link, a password, a second factor, out, and in with a code", () =>
    open(async (page) => {
      await page.goto(`/welcome#${(await world.identity.firstLink()) ?? ""}`);
      await byId(page, "password-notice").getByRole("link").click();
      await byId(page, "new-password").fill("short");
      await byId(page, "repeated-password").fill("shorter");
      await byId(page, "set-password").click();
      await page.getByText("At least 12 characters.").waitFor();
      await page.getByText("The two are not the same.").waitFor();
      await byId(page, "new-password").fill(password);
      await byId(page, "repeated-password").fill(password);
      await byId(page, "set-password").click();
      await byId(page, "password-notice").waitFor({ state: "detached" });

      await byId(page, "factor-begin").click();
      const secret = (await byId(page, "factor-secret").innerText()).trim();
      const totp = new TOTP({ secret });
      await byId(page, "factor-code").fill("000000");
      await byId(page, "factor-confirm").click();
      await byId(page, "factor-wrong").waitFor();
      await screenshot(page, "account");
      await byId(page, "factor-code").fill(totp.generate({ timestamp: world.nowMs() }));
      await byId(page, "factor-confirm").click();
      await byId(page, "factor-remove").waitFor();

      await signOut(page);
      world.forward(30_000);
      await signIn(page, "admin", password, totp.generate({ timestamp: world.nowMs() }));
      await page.goto("/account");
      assert.match(await byId(page, "factor-state").innerText(), /In force/);
      await byId(page, "factor-remove").click();
      await byId(page, "factor-password").fill(password);
      await byId(page, "factor-password").press("Enter");
      await byId(page, "factor-begin").waitFor();
    }));

  it("a business administrator sees no users and no audit, and the API refuses what the page hides", async () => {
    const { name } = await world.person("business");
    await open(async (page) => {
      await signIn(page, name, password);
      await page.goto("/users");
      await page.getByText("users.manage").waitFor();
      assert.deepEqual(await page.getByTestId(/^nav-(users|audit)$/).count(), 0);
      const refusal = await page.evaluate(async () => {
        const response = await fetch("/admin/v1/users");
        return [response.status, ((await response.json()) as { code: string }).code];
      });
      assert.deepEqual(refusal, [403, "right_missing"]);
    });
  });

  it("a double click makes one user, who comes in by the link shown; locked, the user is out", async () => {
    const { name } = await world.person("super");
    await open(async (page) => {
      await signIn(page, name, password);
      await page.goto("/users");
      await byId(page, "user-new").click();
      await byId(page, "user-name").fill("Not A Name");
      assert.equal(await byId(page, "confirm").isDisabled(), true);
      await byId(page, "user-name").fill("cashier");
      await byId(page, "reason").fill("new at the desk");
      await byId(page, "confirm").dblclick();
      const link = (await byId(page, "link").innerText()).trim();
      await screenshot(page, "users-link");
      await page.getByRole("button", { name: "I have it" }).click();
      await byId(page, "user-cashier").waitFor();
      assert.equal(await byId(page, "problem").count(), 0, "the second click was no second request");
      const made = await world.kernel.database.pool.query(
        "select who from config.audit where action = 'user.create' and subject = 'user cashier'",
      );
      assert.deepEqual(made, [{ who: name }]);

      await open(async (theirs) => {
        await theirs.goto(link);
        await byId(theirs, "user-menu").waitFor();
        await byId(page, "lock-cashier").click();
        await byId(page, "reason").fill("lost the phone");
        await byId(page, "confirm").click();
        await byId(page, "unlock-cashier").waitFor();
        await screenshot(page, "users");
        await theirs.goto("/account");
        await theirs.waitForURL("**/login");
        await theirs.goto(link);
        await byId(theirs, "link-used").waitFor();
      });
    });
  });

  whenVerifying("who fails too often is told to wait, also with the right password", async () => {
    const { name } = await world.person("business");
    await open(async (page) => {
      await page.goto("/login");
      await byId(page, "name").fill(name);
      await byId(page, "password").fill("a wrong password");
      for (let attempt = 1; attempt <= 5; attempt++) {
        const answered = page.waitForResponse((response) => response.url().endsWith("/session"));
        await byId(page, "sign-in").click();
        assert.equal((await answered).status(), 401, `attempt ${attempt}`);
        await byId(page, "wrong").waitFor();
      }
      await byId(page, "password").fill(password);
      await byId(page, "sign-in").click();
      await byId(page, "throttled").waitFor();
    });
  });

  whenVerifying(
    "the audit shows who did what and what it was before, is searched, and verifies its chain",
    async () => {
      const { name } = await world.person("system");
      await world.byToken("PUT", `/admin/v1/users/${(await world.person("business")).name}`, {
        ...{ role: "system", author: "ann", reason: "helps out" },
      });
      await open(async (page) => {
        await signIn(page, name, password);
        await page.goto("/audit");
        await byId(page, "audit-who").fill("ann");
        await byId(page, "audit-apply").click();
        const line = page.getByRole("row").filter({ hasText: "helps out" });
        await line.getByRole("button").click();
        await page.getByLabel("Before").getByText('"business"').waitFor();
        await page.getByLabel("After").getByText('"system"').waitFor();
        assert.equal(await page.getByRole("row").filter({ hasText: "session.begin" }).count(), 0);
        await byId(page, "audit-verify").click();
        await byId(page, "audit-sound").waitFor();
        await screenshot(page, "audit");
      });
      await world.kernel.database.pool.transaction(async (sql) => {
        await sql.query("set local session_replication_role = replica");
        await sql.query("update config.audit set reason = 'nothing to see' where seq = 3");
      });
      await open(
        async (page) => {
          await signIn(page, name, password);
          await page.goto("/audit");
          await byId(page, "audit-verify").click();
          assert.match(await byId(page, "audit-broken").innerText(), /3/);
          assert.equal(await widerThanWindow(page), 0, "the table scrolls, the page does not");
          await screenshot(page, "audit-phone-dark");
        },
        { viewport: phone, locale: "zh-CN", dark: true },
      );
    },
  );
});
