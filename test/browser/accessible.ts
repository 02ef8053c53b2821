import assert from "node:assert/strict";
import type { Page } from "playwright-core";

/**
 * What a screen reader and a keyboard need of every page: landmarks, one first heading, names for all that can be used, and
 * contrast of text, reckoned as WCAG 2.2 does (1.4.3), in both schemes.
 */
export async function assertAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const faults = await page.evaluate<string[]>(`(${findFaults.toString()})()`);
    assert.deepEqual(faults, [], `${page.url()} in ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** Runs in the page, so it uses nothing from here. */
function findFaults(): string[] {
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests know no browser's types
  const { document, getComputedStyle } = globalThis as any;
  const faults: string[] = [];
  const all = (selector: string): any[] => [...document.querySelectorAll(selector)];
  const isShown = (element: any) => element.checkVisibility({ visibilityProperty: true });
  for (const [selector, count] of [
    ["main", 1],
    ["h1", 1],
    ["header nav[aria-label]", 1],
  ] as const)
    if (all(selector).filter(isShown).length !== count) faults.push(`${selector} is not there ${count} time`);
  for (const element of all("a, button, input, select, textarea, summary, [role=progressbar], dialog").filter(
    isShown,
  )) {
    const labels = [...(element.labels ?? [])].map((label: any) => label.textContent).join("");
    const name = element.getAttribute("aria-label") || labels || element.textContent || element.title;
    if (!name.trim()) faults.push(`has no name: ${element.outerHTML.slice(0, 120)}`);
  }
  for (const element of all("th").filter(isShown))
    if (!element.scope && !element.querySelector("input"))
      faults.push(`heads nothing: ${element.outerHTML.slice(0, 90)}`);

  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  /** Paints colours over each other, as the screen does. */
  const paint = (colours: string[]): number[] => {
    brush.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
    }
    return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3) as number[];
  };
  const luminance = (rgb: number[]) => {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const grounds = (element: any): string[] =>
    element === null ? [] : [...grounds(element.parentElement), getComputedStyle(element).backgroundColor];
  const seen = new Set<string>();
  const walker = document.createTreeWalker(document.body, 4);
  for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
    const element = text.parentElement;
    if (!text.data.trim() || !isShown(element) || element.closest(":disabled, noscript, svg, option"))
      continue;
    const colour = getComputedStyle(element).color;
    const under = grounds(element);
    const key = `${colour} ${under.join(" ")}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const pair = [luminance(paint(under)), luminance(paint([...under, colour]))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) faults.push(`${ratio.toFixed(2)} of contrast: "${text.data.trim().slice(0, 40)}"`);
  }
  return faults;
}
