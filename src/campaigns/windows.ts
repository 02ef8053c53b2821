/** The days in the order of `Date`'s. */
export const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
export type Day = (typeof DAYS)[number];

/** A time of the day, on some days of the week, in which deployments may begin. */
export interface Window {
  /** On which it opens; every day where there are none. */
  days: Day[];
  /** `HH:MM`, 24 hours. */
  from: string;
  /** `HH:MM`; on the next day where it is not after `from`. */
  to: string;
  /** Of the IANA time zone database, like `Europe/Amsterdam`. */
  timeZone: string;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Whether deployments may begin now. Without windows they always may. */
export function isOpen(windows: readonly Window[], nowMs: number): boolean {
  return windows.length === 0 || windows.some((window) => isWithin(window, nowMs));
}

/**
 * When the next window opens, to the minute.
 *
 * @returns milliseconds since 1970; null where one is open now
 */
export function opensAtMs(windows: readonly Window[], nowMs: number): number | null {
  if (isOpen(windows, nowMs)) return null;
  return Math.min(...windows.map((window) => nextOpening(window, nowMs)));
}

function isWithin({ days, from, to, timeZone }: Window, atMs: number): boolean {
  const { day, minute } = localTime(atMs, timeZone);
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const opens = (on: number) => days.length === 0 || days.includes(DAYS[on]!);
  if (begin < end) return opens(day) && minute >= begin && minute < end;
  // It began yesterday, or goes on into tomorrow.
  return (opens(day) && minute >= begin) || (opens((day + 6) % 7) && minute < end);
}

/** Where clocks are put forward over the opening, it opens with the first minute behind the gap. */
function nextOpening(window: Window, nowMs: number): number {
  const { day, minute } = localTime(nowMs, window.timeZone);
  const begin = minutesOf(window.from);
  const wholeMs = nowMs - (nowMs % MINUTE_MS);
  for (let days = 0; days <= 8; days += 1) {
    const isOn = window.days.length === 0 || window.days.includes(DAYS[(day + days) % 7]!);
    if (!isOn || (days === 0 && minute >= begin)) continue;
    const guessMs = wholeMs + (days * DAY_MINUTES + begin - minute) * MINUTE_MS;
    return settle(window, guessMs);
  }
  throw new Error("a window names no day of the week");
}

/** The guess is off where clocks are changed on the way. */
function settle({ from, timeZone }: Window, guessMs: number): number {
  const { minute } = localTime(guessMs, timeZone);
  const off = ((minutesOf(from) - minute + DAY_MINUTES * 1.5) % DAY_MINUTES) - DAY_MINUTES / 2;
  return guessMs + off * MINUTE_MS;
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(":").map(Number) as [number, number];
  return hours * 60 + minutes;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(atMs: number, timeZone: string): { day: number; minute: number } {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const parts = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
    format = new Intl.DateTimeFormat("en-GB", { timeZone, ...parts });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const day = DAYS.indexOf(parts.get("weekday")!.toLowerCase() as Day);
  return { day, minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")) };
}

/** Whether this system knows a time zone of that name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
