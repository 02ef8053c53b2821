import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";

/** Where Debian has it. */
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Skips where there is no browser, but in CI, where there must be one. */
export function needBrowser(context: Mocha.Context): void {
  if (existsSync(CHROMIUM)) return;
  const advice = `${CHROMIUM} is not there: apt install chromium, or name another by CHROMIUM`;
  assert.notEqual(process.env.CI, "true", advice);
  process.stderr.write(`skipped: ${advice}\n`);
  context.skip();
}

/** A browser with what went wrong in its pages: an error that nobody caught, a resource that the policy refused. */
export interface Visit {
  page: Page;
  context: BrowserContext;
  /** Must be empty at the end. */
  troubles: string[];
  /** Requests that left for another origin. */
  strangers: string[];
  close(): Promise<void>;
}

export async function visit(origin: string): Promise<Visit> {
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    // A container often runs as root, and has little shared memory.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, baseURL: origin });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  const troubles: string[] = [];
  const strangers: string[] = [];
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("console", (message) => {
    // A refusal of the API is part of some stories, and shown by the page itself.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      troubles.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`)) strangers.push(request.url());
  });
  return { page, context, troubles, strangers, close: () => browser.close() };
}

/** Of the deploy dialog. */
export function isoField(page: Page): Locator {
  return page.getByRole("textbox", { name: "Boot ISO", exact: true });
}

/** Logs in at a page, with a token, and waits for the frame around every page. */
export async function logIn(page: Page, token: string, path = "/"): Promise<void> {
  await page.goto(path);
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Log out" }).waitFor();
}

/** With a folder in SCREENSHOTS, keeps what a person should look at, in both schemes. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [part, fullPage] of [
      ["", false],
      ["-whole", true],
    ] as const)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}${part}.png`), fullPage });
  }
  await page.emulateMedia({ colorScheme: null });
}
