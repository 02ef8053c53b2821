import { type Boot, showBytes, showDuration } from "../../client/index.ts";

/** A duration for a column that ticks: whole seconds at least, so that it does not flicker. */
export function showAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : showDuration(seconds * 1000);
}

export function showRate(bytesPerSecond: number): string {
  return `${showBytes(bytesPerSecond)}/s`;
}

/** What is left until an estimate; it is one, and says so. Null when it has passed or there is none. */
export function showLeft(etaAt: string | null, nowMs: number): string | null {
  const leftMs = etaAt === null ? 0 : Date.parse(etaAt) - nowMs;
  return leftMs < 1000 ? null : `about ${showAge(leftMs)} left`;
}

/** What is booted, by the names that people know it by. */
export function showBoot(boot: Boot): string {
  const main = boot.iso ?? boot.kernel;
  return main == null ? "nothing" : lastPart(main.url);
}

function lastPart(url: string): string {
  const path = URL.parse(url)?.pathname ?? url;
  return path.split("/").findLast((part) => part !== "") ?? url;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** "role=worker, row=1" as an object; commas, blanks and line ends part the pairs. A name alone gets an empty value. */
export function readPairs(text: string): Record<string, string> {
  const pairs = text.split(/[,\s]+/).filter((pair) => pair !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.search(/[=:]/);
      return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** "role=worker, row=1", as `readPairs` takes it. */
export function showPairs(pairs: Record<string, string>): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

/** "iDRAC9 7.10.50"; HPE repeats the model in the version: "iLO 5 v3.11". */
export function nameBmc(model: string | null, firmware: string | null): string {
  const parts = model !== null && firmware?.startsWith(model) === true ? [firmware] : [model, firmware];
  return parts.filter((part) => part !== null).join(" ");
}
