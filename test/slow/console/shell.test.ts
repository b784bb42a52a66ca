import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
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
import {
  account,
  type ContractServer,
  linkToken,
  startContractServer,
} from "../../support/console/contract-server.js";

/** Chromium itself logs answers of 4xx and 5xx and lost connections. */
const refused = /Failed to load resource: .*(401|404|503|ERR_)|ERR_INCOMPLETE_CHUNKED_ENCODING/;

/** A property of the element that has the keyboard. */
const focused = (page: Page, property: string): Promise<unknown> =>
  page.evaluate(`document.activeElement.${property}`);

describe("console shell, in a browser", () => {
  let browser: Browser;
  let server: ContractServer;

  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    server = await startContractServer();
  });
  afterEach(() => server.close());

  const open = (
    use: (page: Page) => Promise<void>,
    options: Omit<ConsoleOptions, "url" | "expectedErrors"> = {},
  ): Promise<void> => withPage(browser, { url: server.url, expectedErrors: [refused], ...options }, use);

  const stateOfStream = (page: Page, state: string): Promise<void> =>
    page.locator(`[data-testid=live-badge][data-state=${state}]`).waitFor();

  whenVerifying(
    "a stranger is sent to the login page, told of a wrong password, and brought where they wanted to go",
    () =>
      open(async (page) => {
        await page.goto("/somewhere?state=paid");
        await page.waitForURL("**/login");
        await byId(page, "name").fill(account.name);
        await byId(page, "password").fill("wrong");
        await byId(page, "sign-in").click();
        await byId(page, "wrong").waitFor();
        await screenshot(page, "login");
        await byId(page, "password").fill(account.password);
        await byId(page, "sign-in").click();
        await page.waitForURL("**/somewhere?state=paid");
        await byId(page, "not-found").waitFor();
        assert.equal(await page.title(), "Not found · Valence");
      }),
  );

  it("a second factor is asked for when it is needed, and signing out carries the CSRF token", () =>
    open(async (page) => {
      server.secondFactor = true;
      await signIn(page, account.name, account.password, account.code);
      await byId(page, "user-menu").click();
      await byId(page, "sign-out").click();
      await page.waitForURL("**/login");
      assert.equal(server.signedIn, false);
      assert.deepEqual(server.withoutCsrf, []);
    }));

  whenVerifying("the one-time link opens a session once, and leaves no token in the address", () =>
    open(async (page) => {
      await page.goto(`/welcome#${linkToken}`);
      await byId(page, "user-menu").waitFor();
      assert.deepEqual(server.linksTried, [linkToken]);
      server.signedIn = false;
      await page.goto(`/welcome#${linkToken}`);
      await byId(page, "link-used").waitFor();
      assert.equal(new URL(page.url()).hash, "");
    }),
  );

  whenVerifying("language and theme are the browser's until they are chosen, and then remembered", () =>
    open(
      async (page) => {
        server.signedIn = true;
        await page.goto("/nothing");
        assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
        assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
        await page.getByRole("heading", { name: "页面不存在" }).waitFor();
        await screenshot(page, "shell-dark-zh");
        await byId(page, "language").click();
        await byId(page, "language-en").click();
        await page.getByRole("heading", { name: "Not found" }).waitFor();
        await byId(page, "theme").click();
        await byId(page, "theme-light").click();
        await page.locator("html[data-theme=light]").waitFor();
        await page.reload();
        await page.getByRole("heading", { name: "Not found" }).waitFor();
        assert.equal(await page.locator("html").getAttribute("data-theme"), "light");
      },
      { locale: "zh-CN", dark: true },
    ),
  );

  whenVerifying("by keyboard: the first stop leads past the navigation to the content", () =>
    open(async (page) => {
      server.signedIn = true;
      await page.goto("/nothing");
      await byId(page, "not-found").waitFor();
      await page.keyboard.press("Tab");
      assert.equal(await focused(page, "dataset.testid"), "skip");
      await page.keyboard.press("Enter");
      assert.equal(await focused(page, "id"), "content");
    }),
  );

  it("on a phone nothing is wider than the screen, and the navigation is a drawer", () =>
    open(
      async (page) => {
        server.signedIn = true;
        await page.goto("/nothing");
        await byId(page, "not-found").waitFor();
        assert.equal(await widerThanWindow(page), 0);
        await byId(page, "open-navigation").click();
        await page.getByRole("dialog").waitFor();
        await screenshot(page, "shell-phone");
      },
      { viewport: phone },
    ));

  it("a stream that falls silent is shown as stale, one that is cut as broken; both come back by themselves", () =>
    open(async (page) => {
      server.signedIn = true;
      await page.goto("/");
      await stateOfStream(page, "live");
      server.talking = false;
      await stateOfStream(page, "stale");
      assert.match(await byId(page, "live-badge").innerText(), /as of \d\d:\d\d:\d\d/);
      await screenshot(page, "shell-stale");
      server.talking = true;
      await stateOfStream(page, "live");
      server.cutStreams();
      await stateOfStream(page, "broken");
      server.mendStreams();
      await stateOfStream(page, "live");
    }));

  whenVerifying("a session that ends elsewhere: the next look leads to the login page", () =>
    open(async (page) => {
      server.signedIn = true;
      await page.goto("/nothing");
      await byId(page, "not-found").waitFor();
      server.signedIn = false;
      server.cutStreams();
      await page.waitForURL("**/login");
    }),
  );

  whenVerifying("nobody there: a notice before the session ends, and a key keeps it", () =>
    open(async (page) => {
      server.signedIn = true;
      // The notice comes when a third of the time is left.
      server.idleMsMax = 6_000;
      await page.goto("/nothing");
      await byId(page, "idle-notice").waitFor();
      await page.getByRole("button", { name: "Stay signed in" }).click();
      await byId(page, "idle-notice").waitFor({ state: "hidden" });
    }),
  );
});
