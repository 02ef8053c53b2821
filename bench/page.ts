import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { median, round } from "./figures.ts";
import { cpuSecondsOf } from "./proc.ts";
import { type Fleet, seedFleet } from "./seed-fleet.ts";
import { startServer, type Server } from "./server.ts";
import { startLab } from "../test/bmc-simulator/index.ts";

export interface PageOptions extends Fleet {
  /** Each figure of the first view is the median of so many. */
  runs: number;
  chromium: string;
}

/** Times in milliseconds, sizes in bytes. */
export interface PageResult {
  firstView: { requests: number; packedBytes: number; interactiveMs: number };
  scroll: {
    rows: number;
    seconds: number;
    frames: number;
    longestGapMs: number;
    /** Longest time for which a row in sight was not read yet. */
    unreadMs: number;
    serverCores: number;
  };
  history: { firstPageMs: number; pages: number; medianPageMs: number; slowestPageMs: number };
}

const SETTLED_MS = 1500;

/** Loads the fleet page from nothing, scrolls through all of its rows, and turns pages of past deployments. */
export async function benchPage(options: PageOptions, tell: (line: string) => void): Promise<PageResult> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-bench-"));
  try {
    await makeOne(folder);
    seedFleet(join(folder, "data", "trayload.db"), options);
    tell(`${options.nodes} nodes with ${options.deployments} past deployments`);
    const server = await startServer(folder);
    const browser = await chromium.launch({
      executablePath: options.chromium,
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
    try {
      return await measure(server, browser, options, tell);
    } finally {
      await browser.close();
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One node and one deployment of it, which the others are copied from. */
async function makeOne(folder: string): Promise<void> {
  const lab = await startLab({ count: 1 });
  const server = await startServer(folder);
  const call = async (path: string, body?: object) => {
    const response = await fetch(`${server.apiUrl}${path}`, {
      headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { id: string; final: boolean };
  };
  try {
    const [{ name, address, username, password }] = lab.bmcs as [(typeof lab.bmcs)[number]];
    await call("/v1/nodes", { name, bmc: { address, username, password }, site: "ams1" });
    // What becomes of it does not matter; that it ends does.
    const boot = { iso: { url: `${server.provisionUrl}/none.iso` } };
    const { id } = await call("/v1/deployments", { node: name, boot });
    for (let isOver = false; !isOver; )
      isOver = (await call(`/v1/deployments/${id}?until=final&waitMs=60000`)).final;
  } finally {
    await server.stop();
    await lab.stop();
  }
}

async function measure(
  server: Server,
  browser: Browser,
  { runs, nodes }: PageOptions,
  tell: (line: string) => void,
): Promise<PageResult> {
  const views: PageResult["firstView"][] = [];
  for (let run = 0; run < runs; run += 1) views.push(await viewFirst(server, browser));
  const interactiveMs = round(median(views.map((view) => view.interactiveMs)));
  tell(`first view: interactive after ${interactiveMs} ms`);
  const page = await logIn(server, browser);
  const scroll = await scrollThrough(page, server, nodes);
  tell(`scrolled through ${nodes} rows: longest gap ${scroll.longestGapMs} ms`);
  const history = await turnPages(page);
  await page.context().close();
  return { firstView: { ...views[0]!, interactiveMs }, scroll, history };
}

async function logIn({ apiUrl, token }: Server, browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, baseURL: apiUrl });
  const page = await context.newPage();
  await page.goto("/");
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: /^rack/ }).first().waitFor();
  return page;
}

/** With an empty cache, by somebody who is logged in, up to the rows of the fleet. */
async function viewFirst(server: Server, browser: Browser): Promise<PageResult["firstView"]> {
  const seen = await logIn(server, browser);
  const cookies = await seen.context().cookies();
  await seen.context().close();
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    baseURL: server.apiUrl,
  });
  await context.addCookies(cookies);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  const sizes: number[] = [];
  const types = new Map<string, string>();
  session.on("Network.responseReceived", ({ requestId, type }) => types.set(requestId, type));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    // The page and what it is made of; what the API answers is counted by its own bench.
    if (types.get(requestId) !== "Fetch" && types.get(requestId) !== "EventSource")
      sizes.push(encodedDataLength);
  });
  await page.goto("/", { waitUntil: "commit" });
  // Rows are there, and a click is answered: the script has run and nothing holds the main thread.
  await page.getByRole("link", { name: /^rack/ }).first().waitFor();
  const interactiveMs = await page.evaluate<number>("performance.now()");
  await context.close();
  return { requests: sizes.length, packedBytes: sizes.reduce((sum, size) => sum + size, 0), interactiveMs };
}

/** Counts frames, and for how long rows in sight are not read, while the wheel turns. Runs in the page. */
const WATCH = `
  window.watch = { last: performance.now(), longest: 0, frames: 0, unreadSince: 0, unread: 0, isOn: true };
  const look = (now) => {
    const w = window.watch;
    w.longest = Math.max(w.longest, now - w.last);
    w.last = now;
    w.frames += 1;
    const frame = document.querySelector(".fleet-frame").getBoundingClientRect();
    const isUnread = [...document.querySelectorAll(".unread")].some((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > frame.top && top < frame.bottom;
    });
    if (!isUnread) w.unreadSince = 0;
    else if (w.unreadSince === 0) w.unreadSince = now;
    else w.unread = Math.max(w.unread, now - w.unreadSince);
    if (w.isOn) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
`;

/** Hundreds of rows in a second, as somebody does who goes as fast as the wheel turns. */
const WHEEL_PX = 1000;
const WHEEL_EVERY_MS = 40;

async function scrollThrough(page: Page, server: Server, rows: number): Promise<PageResult["scroll"]> {
  await page.locator(".fleet-frame").hover();
  const cpuBefore = cpuSecondsOf(server.pid);
  const beganMs = performance.now();
  await page.evaluate(WATCH);
  const isAtEnd = () =>
    page.evaluate<boolean>(
      "(({ scrollTop, clientHeight, scrollHeight }) => scrollTop + clientHeight >= scrollHeight - 2)(document.querySelector('.fleet-frame'))",
    );
  while (!(await isAtEnd())) {
    await page.mouse.wheel(0, WHEEL_PX);
    await page.waitForTimeout(WHEEL_EVERY_MS);
  }
  await page.waitForTimeout(SETTLED_MS);
  const seconds = (performance.now() - beganMs) / 1000;
  const watched = await page.evaluate<{ longest: number; frames: number; unread: number }>(
    "(window.watch.isOn = false, window.watch)",
  );
  const last = await page.locator(".fleet tbody tr[aria-rowindex]").last().getAttribute("aria-rowindex");
  if (Number(last) !== rows + 2) throw new Error(`the last row is ${last}, not that of ${rows} nodes`);
  return {
    rows,
    seconds: round(seconds),
    frames: watched.frames,
    longestGapMs: round(watched.longest),
    unreadMs: round(watched.unread),
    serverCores: round((cpuSecondsOf(server.pid) - cpuBefore) / seconds),
  };
}

const PAGES = 20;

/** From the newest on, page by page. */
async function turnPages(page: Page): Promise<PageResult["history"]> {
  const newest = () => page.locator("tbody th small").first().innerText();
  const beganMs = performance.now();
  await page.getByRole("link", { name: "Deployments", exact: true }).click();
  await page.locator("tbody th small").first().waitFor();
  const firstPageMs = performance.now() - beganMs;
  const times: number[] = [];
  for (let turned = 0; turned < PAGES; turned += 1) {
    const before = await newest();
    const clicked = performance.now();
    await page.getByRole("button", { name: "Older" }).click();
    await page.getByText(before, { exact: true }).waitFor({ state: "detached" });
    times.push(performance.now() - clicked);
  }
  return {
    firstPageMs: round(firstPageMs),
    pages: PAGES,
    medianPageMs: round(median(times)),
    slowestPageMs: round(Math.max(...times)),
  };
}
