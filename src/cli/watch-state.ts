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
  isOver: boolean;
}

export const BEGINNING: WatchState = {
  steps: [],
  step: null,
  stepSinceMs: null,
  waiting: null,
  progress: null,
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
    case "succeeded":
    case "failed":
    case "cancelled":
      return { ...state, step: null, waiting: null, isOver: true };
    default:
      return state;
  }
}
