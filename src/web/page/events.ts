import type { Failure } from "./answers.ts";
import { showDuration } from "./words.ts";

/** An event as the API shows it. Types that are not here come from a later release and are shown by their name. */
export type EventAnswer = { recordId: string; seq: number; at: string } & (
  | { type: "accepted"; plan: { name: string }[] }
  | { type: "started" | "late-success" }
  | { type: "step-started"; step: string; attempt: number }
  | { type: "step-waiting"; step: string; what: string; cause: string | null }
  | { type: "step-done"; step: string; detail: string | null }
  | { type: "step-skipped"; step: string; why: string }
  | { type: "step-retried"; step: string; error: Failure; inMs: number }
  | { type: "step-failed"; step: string; error: Failure }
  | { type: "step-retreated"; step: string; to: string; why: string }
  | { type: "learned"; step: string }
  | { type: "action-intended"; action: { kind: string; target: string } }
  | { type: "action-answered"; action: { kind: string }; outcome: string }
  | { type: "evidence-found"; evidence: { what: string; how: string; strength: string } }
  | { type: "disc-read"; milestone: string; percent: number }
  | { type: "image-read"; percent: number }
  | { type: "called-back"; status: string; percent: number | null; message: string | null }
  | { type: "warned"; message: string }
  | { type: "cancel-requested"; by: string }
  | { type: "succeeded" | "cancelled" | "failed"; clean: boolean }
);

export type Mark = "done" | "bad" | "warn" | "proof" | "note";

/** What an event tells a person: its mark, its subject and the rest; undefined for what only the runner needs. */
export interface Told {
  mark: Mark;
  what: string;
  more: string;
}

const MILESTONES: Record<string, string> = {
  "first-byte": "the first byte",
  "boot-image": "its boot image",
  "beyond-boot-image": "more than its boot image",
  "boot-again": "its boot image, once more",
};

export function tell(event: EventAnswer): Told | undefined {
  switch (event.type) {
    case "learned":
      return undefined;
    case "accepted":
      return told("note", "accepted", `${event.plan.length} steps`);
    case "action-intended":
      return told("note", event.action.kind, `asked of ${event.action.target}`);
    case "action-answered":
      return told(event.outcome === "answered" ? "note" : "warn", event.action.kind, event.outcome);
    case "evidence-found": {
      const { what, how, strength } = event.evidence;
      return told("proof", what, strength === "strong" ? how : `${how} (${strength})`);
    }
    case "disc-read":
      return told("note", "disc read", MILESTONES[event.milestone] ?? `${event.percent} %`);
    case "image-read":
      return told("note", "disk image read", `${event.percent} %`);
    case "called-back": {
      const share = event.percent === null ? "" : ` ${event.percent} %`;
      return told(
        "note",
        "call-back",
        `${event.status}${share}${event.message === null ? "" : `: ${event.message}`}`,
      );
    }
    case "warned":
      return told("warn", "warning", event.message);
    case "cancel-requested":
      return told("note", "cancel", `requested by ${event.by}`);
    default:
      return tellStep(event) ?? told(ENDS[event.type] ?? "note", event.type, "");
  }
}

const ENDS: Record<string, Mark> = {
  succeeded: "done",
  failed: "bad",
  cancelled: "warn",
  "late-success": "done",
};

function tellStep(event: EventAnswer): Told | undefined {
  switch (event.type) {
    case "step-started":
      return told("note", event.step, event.attempt > 1 ? `began, attempt ${event.attempt}` : "began");
    case "step-waiting":
      return told(
        "note",
        event.step,
        `waits for ${event.what}${event.cause === null ? "" : ` (${event.cause})`}`,
      );
    case "step-done":
      return told("done", event.step, event.detail ?? "done");
    case "step-skipped":
      return told("note", event.step, `skipped: ${event.why}`);
    case "step-retried":
      return told("warn", event.step, `again in ${showDuration(event.inMs)}: ${event.error.message}`);
    case "step-failed":
      return told("bad", event.step, event.error.message);
    case "step-retreated":
      return told("warn", event.step, `back to ${event.to}: ${event.why}`);
    default:
      return undefined;
  }
}

function told(mark: Mark, what: string, more: string): Told {
  return { mark, what, more };
}
