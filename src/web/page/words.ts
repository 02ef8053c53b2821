import type { Boot } from "./answers.ts";

/** "0.4 s", "12 s", "3m 20s", "2h 05m", "3d 4h". */
export function showDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [minutes, hours, days] = [
    Math.floor(whole / 60),
    Math.floor(whole / 3600),
    Math.floor(whole / 86_400),
  ];
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (hours < 1) return `${minutes}m ${two(whole % 60)}s`;
  return days < 1 ? `${hours}h ${two(minutes % 60)}m` : `${days}d ${hours % 24}h`;
}

/** A duration for a column that ticks: whole seconds at least, so that it does not flicker. */
export function showAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : showDuration(seconds * 1000);
}

/** "0 B", "512 KiB", "1.5 GiB". */
export function showBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
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
