import type { Progress } from "./answers.ts";
import type { EventAnswer } from "./events.ts";

/** What the progress line needs to know of a deployment; the fold of its events and samples. */
export interface WatchState {
  steps: string[];
  step: string | null;
  /** When the step began, by the server's clock, in milliseconds since 1970. */
  stepSinceMs: number | null;
  waiting: { what: string; sinceMs: number } | null;
  progress: Progress | null;
  /** Whether the installer says how far it is, which counts before what it has read. */
  isTold: boolean;
  isOver: boolean;
}

export const BEGINNING: WatchState = {
  steps: [],
  step: null,
  stepSinceMs: null,
  waiting: null,
  progress: null,
  isTold: false,
  isOver: false,
};

export function foldEvent(state: WatchState, event: EventAnswer): WatchState {
  const atMs = Date.parse(event.at);
  switch (event.type) {
    case "accepted":
      return { ...state, steps: event.plan.map(({ name }) => name) };
    case "step-started":
      return { ...state, step: event.step, stepSinceMs: atMs, waiting: null };
    case "step-waiting": {
      const sinceMs = state.waiting?.what === event.what ? state.waiting.sinceMs : atMs;
      return { ...state, waiting: { what: event.what, sinceMs } };
    }
    case "step-done":
    case "step-skipped":
    case "step-failed":
    case "step-retreated":
      return { ...state, waiting: null, stepSinceMs: null };
    case "step-retried":
      return { ...state, waiting: null };
    case "disc-read":
      return { ...state, progress: readTo(state, event.percent) };
    case "called-back":
      if (event.percent === null) return state;
      return { ...state, isTold: true, progress: { ...(state.progress ?? UNKNOWN), percent: event.percent } };
    case "succeeded":
    case "failed":
    case "cancelled":
      return { ...state, step: null, waiting: null, isOver: true };
    default:
      return state;
  }
}

const UNKNOWN: Progress = { percent: 0, discBytesRead: 0, discSizeBytes: 0, bytesPerSecond: 0, etaAt: null };

/** Samples come every few seconds, tenths of the disc at once. */
function readTo({ progress, isTold }: WatchState, percent: number): Progress {
  const known = progress ?? UNKNOWN;
  const readBytes = Math.floor((known.discSizeBytes * percent) / 100);
  return {
    ...known,
    percent: isTold ? known.percent : Math.max(known.percent, percent),
    discBytesRead: Math.max(known.discBytesRead, readBytes),
  };
}
