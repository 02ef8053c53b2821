import { sayBootState, showBytes, showDuration } from "../client/index.ts";
import type { Figures, WatchState } from "./watch-state.ts";

const BAR = 24;
const NARROW_BAR = 10;
/** Below this many characters in a line, the bar gives way to what is waited for. */
const NARROW = 120;

/** The line that lives: how far, how fast, how long still, and what is waited for. Never longer than a line. */
export function progressLine(state: WatchState, nowMs: number, columns: number): string {
  const width = columns < NARROW ? NARROW_BAR : BAR;
  const parts = [
    `[${bar(state.progress?.percent ?? 0, width)}]`,
    ...figures(state.progress, nowMs),
    doing(state, nowMs),
    state.bootState === null || state.isOver ? "" : sayBootState(state.bootState),
  ];
  return cut(parts.filter((part) => part !== "").join("  "), columns - 1);
}

/** The same as words, for a log. */
export function progressWords(progress: Figures, nowMs: number): string {
  return figures(progress, nowMs).join("  ");
}

export function bar(percent: number, width: number): string {
  const full = Math.round((Math.min(100, Math.max(0, percent)) / 100) * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

function figures(progress: Figures | null, nowMs: number): string[] {
  if (progress === null) return [];
  const { percent, image } = progress;
  const disc = { ...progress, bytesRead: progress.discBytesRead, sizeBytes: progress.discSizeBytes };
  // Once the agent reads the disk image, that is what takes the time.
  const { bytesRead, sizeBytes, bytesPerSecond } = image != null && image.bytesRead > 0 ? image : disc;
  const left = progress.etaAt === null ? 0 : Date.parse(progress.etaAt) - nowMs;
  return [
    `${percent} %`,
    ...(sizeBytes > 0 ? [`${showBytes(bytesRead)} of ${showBytes(sizeBytes)}`] : []),
    ...(bytesPerSecond > 0 ? [`${showBytes(bytesPerSecond)}/s`] : []),
    ...(left > 0 ? [`about ${showDuration(left)} left`] : []),
  ];
}

function doing({ steps, step, stepSinceMs, waiting, isOver }: WatchState, nowMs: number): string {
  if (step === null) return steps.length === 0 || isOver ? "" : "queued";
  const place = `${steps.indexOf(step) + 1}/${steps.length} ${step}`;
  if (waiting !== null)
    return `${place}: waits for ${waiting.what}, ${showDuration(nowMs - waiting.sinceMs)}`;
  return stepSinceMs === null ? place : `${place}, ${showDuration(nowMs - stepSinceMs)}`;
}

export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}
