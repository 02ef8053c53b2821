import {
  type EventAnswer,
  sayBootState,
  sayCallBack,
  sayMilestone,
  sayProof,
  sayWait,
  showDuration,
} from "../client/index.ts";
import type { Colour, Paint } from "./paint.ts";
import type { WatchState } from "./watch-state.ts";

/** How a line begins. */
export type Mark =
  | "done"
  | "skipped"
  | "failed"
  | "again"
  | "waiting"
  | "proof"
  | "warning"
  | "action"
  | "note";

export interface Line {
  mark: Mark;
  text: string;
}

/**
 * What an event tells a person. Nothing for what the progress line shows anyway, and for the end, which is told from the
 * whole deployment.
 *
 * @param before the state before the event
 */
export function linesOf(event: EventAnswer, before: WatchState): Line[] {
  switch (event.type) {
    case "accepted": {
      const { finish, eject } = event.request;
      const wanted = finish === undefined ? "" : `; succeeds when ${finish}, ejects ${eject}`;
      return line("note", `${event.node.name}: ${event.plan.length} steps${wanted}`);
    }
    case "action-intended":
      return line("action", `${event.action.kind} at ${event.action.target}`);
    case "action-accepted":
      return line("action", `${event.action.kind} by the BMC's task ${event.monitor}`);
    case "action-answered":
      return event.outcome === "answered" ? [] : line("warning", `${event.action.kind} was ${event.outcome}`);
    case "evidence-found":
      return line("proof", `${event.evidence.what}: ${sayProof(event)}`);
    case "steps-planned":
      return line("note", `the agent's steps: ${event.steps.map(({ name }) => name).join(", ")}`);
    case "agent-refused":
      return line("warning", `a call of the agent was refused: ${event.detail}`);
    case "disc-read": {
      // The progress line shows the tenths.
      const read = sayMilestone(event);
      return read === undefined ? [] : line("note", `read from the disc: ${read}`);
    }
    case "image-read":
      return event.percent === 0 ? line("note", "the agent reads the disk image") : [];
    case "boot-progressed":
      return line("note", `boot: ${sayBootState(event.state)}`);
    case "called-back":
      return line("note", `call-back: ${sayCallBack(event)}`);
    case "warned":
      return line("warning", event.message);
    case "cancel-requested":
      return line("note", `cancel requested by ${event.by}`);
    case "late-success":
      return line("note", "the call-back that was missing has come after the end");
    default:
      return stepLines(event, before);
  }
}

function stepLines(event: EventAnswer, { stepSinceMs }: WatchState): Line[] {
  const took = stepSinceMs === null ? "" : `  ${showDuration(Date.parse(event.at) - stepSinceMs)}`;
  switch (event.type) {
    case "step-waiting":
      return line("waiting", `${event.step}: for ${sayWait(event)}`);
    case "step-done":
      return line("done", `${event.step}${took}${event.detail === null ? "" : `  ${event.detail}`}`);
    case "step-skipped":
      return line("skipped", `${event.step}  ${event.why}`);
    case "step-retried":
      return line("again", `${event.step} in ${showDuration(event.inMs)}: ${event.error.message}`);
    case "step-retreated":
      return line("again", `back from ${event.step} to ${event.to}: ${event.why}`);
    case "step-failed":
      return line("failed", `${event.step}${took}  ${event.error.message}`);
    default:
      return [];
  }
}

const line = (mark: Mark, text: string): Line[] => [{ mark, text }];

const SYMBOLS: Record<Mark, [symbol: string, colour: Colour]> = {
  done: ["✓", "green"],
  skipped: ["–", "dim"],
  failed: ["✗", "red"],
  again: ["↻", "yellow"],
  waiting: ["…", "dim"],
  proof: ["  ◆ proof", "cyan"],
  warning: ["  ! warning", "yellow"],
  action: ["  →", "dim"],
  note: ["  ·", "dim"],
};

/** For a terminal: a mark in its colour. */
export function paintLine({ mark, text }: Line, paint: Paint): string {
  const [symbol, colour] = SYMBOLS[mark];
  return `${paint(colour, symbol)} ${text}`;
}

/** For a log: the time and a word, so that it can be searched. */
export function plainLine({ mark, text }: Line, at: string): string {
  return `${at.slice(11, 19)}Z ${mark.padEnd(8)}${text}`;
}
