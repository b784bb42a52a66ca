/** A real browser (Debian's chromium, TEST_CHROMIUM) for tests of the console. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Milliseconds; what a page does not show within them, it never shows. */
const patienceMsMax = 10_000;

const laptop = { width: 1280, height: 800 } as const;
/** A narrow phone. */
export const phone = { width: 390, height: 844 } as const;

export interface ConsoleOptions {
  /** Where the admin module listens. */
  readonly url: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** What the browser prefers; the console follows it until somebody chooses. */
  readonly locale?: string;
  readonly dark?: boolean;
  /**
   * Texts of the browser's console that belong to the test: a refused request is one. Any other error there, and any
   * uncaught one, fails the test.
   */
  readonly expectedErrors?: readonly RegExp[];
}

/** @throws AssertionError when TEST_CHROMIUM is not set */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env["TEST_CHROMIUM"];
  assert.ok(executablePath, "TEST_CHROMIUM is not set; `npm test` sets it, or: eval $(scripts/services env)");
  return chromium.launch({
    executablePath,
    // Chromium has no sandbox for root.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
}

/**
 * A page of the console in a browser profile of its own, closed at the end.
 * @throws AssertionError when the page has logged an error that was not expected
 */
export async function withPage(
  browser: Browser,
  options: ConsoleOptions,
  use: (page: Page, context: BrowserContext) => Promise<void>,
): Promise<void> {
  const { url, viewport = laptop, locale = "en-GB", dark = false, expectedErrors = [] } = options;
  const context = await browser.newContext({
    baseURL: url,
    viewport,
    locale,
    timezoneId: "UTC",
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(patienceMsMax);
  const errors: string[] = [];
  try {
    const page = await context.newPage();
    collectErrors(page, errors);
    await use(page, context);
  } finally {
    await context.close();
  }
  const unexpected = errors.filter((text) => !expectedErrors.some((expected) => expected.test(text)));
  assert.deepEqual(unexpected, [], "errors in the browser");
}

function collectErrors(page: Page, errors: string[]): void {
  page.on("pageerror", (error) => errors.push(`uncaught: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
  });
}

/** An element by its `data-testid`. */
export const byId = (page: Page, id: string): ReturnType<Page["getByTestId"]> => page.getByTestId(id);

/** Signs in on the login page, and waits for the console. */
export async function signIn(page: Page, name: string, password: string, code?: string): Promise<void> {
  await page.goto("/login");
  await byId(page, "name").fill(name);
  await byId(page, "password").fill(password);
  await byId(page, "sign-in").click();
  if (code !== undefined) {
    await byId(page, "code").fill(code);
    await byId(page, "sign-in").click();
  }
  await byId(page, "user-menu").waitFor();
}

/** Pixels by which the page is wider than its window. */
export const widerThanWindow = (page: Page): Promise<number> =>
  page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** The page as a picture in the folder TEST_SCREENSHOTS; nothing without that variable. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env["TEST_SCREENSHOTS"];
  if (folder === undefined || folder === "") return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
