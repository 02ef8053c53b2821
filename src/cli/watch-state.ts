import type { Progress, EventAnswer } from "../client/index.ts";

/** What a progress line shows, of which events tell a part before the first sample comes. */
export type Figures = Omit<Progress, "discShare" | "lastReadAt" | "sampledAt" | "etaFrom">;

/** What the progress line needs to know of a deployment; the fold of its events and samples. */
export interface WatchState {
  steps: string[];
  step: string | null;
  /** When the step began, by the server's clock, in milliseconds since 1970. */
  stepSinceMs: number | null;
  waiting: { what: string; sinceMs: number } | null;
  progress: Figures | null;
  /** How far the BMC says that the boot is; null where it says nothing. */
  bootState: string | null;
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
  bootState: null,
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
    case "image-read":
      return { ...state, progress: writtenTo(state, event.percent) };
    case "boot-progressed":
      return { ...state, bootState: event.state };
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

const UNKNOWN: Figures = {
  percent: 0,
  discBytesRead: 0,
  discSizeBytes: 0,
  bytesPerSecond: 0,
  etaAt: null,
};
/** Beside a disk image, the disc that the agent boots from counts for this share of the whole. */
const DISC_SHARE = 0.1;

/** Samples come every few seconds, tenths of the disc at once. */
function readTo({ progress, isTold }: WatchState, percent: number): Figures {
  const known = progress ?? UNKNOWN;
  const readBytes = readOf({ sizeBytes: known.discSizeBytes }, percent);
  return {
    ...known,
    percent: isTold
      ? known.percent
      : Math.max(known.percent, known.image == null ? percent : percent * DISC_SHARE),
    discBytesRead: Math.max(known.discBytesRead, readBytes),
  };
}

function writtenTo({ progress, isTold }: WatchState, percent: number): Figures {
  const known = progress ?? UNKNOWN;
  const whole = Math.round(100 * DISC_SHARE + percent * (1 - DISC_SHARE));
  const { image } = known;
  return {
    ...known,
    percent: isTold ? known.percent : Math.max(known.percent, whole),
    image: image == null ? null : { ...image, bytesRead: Math.max(image.bytesRead, readOf(image, percent)) },
  };
}

const readOf = ({ sizeBytes }: { sizeBytes: number }, percent: number): number =>
  Math.floor((sizeBytes * percent) / 100);
