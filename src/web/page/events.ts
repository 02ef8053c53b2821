import {
  type EventAnswer,
  sayBootState,
  sayCallBack,
  sayMilestone,
  sayProof,
  sayWait,
  showDuration,
} from "../../client/index.ts";

export type Mark = "done" | "bad" | "warn" | "proof" | "note";

/** What an event tells a person: its mark, its subject and the rest; undefined for what only the runner needs. */
export interface Told {
  mark: Mark;
  what: string;
  more: string;
}

export function tell(event: EventAnswer): Told | undefined {
  switch (event.type) {
    case "learned":
      return undefined;
    case "accepted":
      return told("note", "accepted", `${event.plan.length} steps`);
    case "action-intended":
      return told("note", event.action.kind, `asked of ${event.action.target}`);
    case "action-accepted":
      return told("note", event.action.kind, `done by the BMC's task ${event.monitor}`);
    case "action-answered":
      return told(event.outcome === "answered" ? "note" : "warn", event.action.kind, event.outcome);
    case "evidence-found":
      return told("proof", event.evidence.what, sayProof(event));
    case "steps-planned":
      return told("note", "planned", event.steps.map(({ name }) => name).join(", "));
    case "agent-refused":
      return told("warn", "agent refused", event.detail);
    case "disc-read":
      return told("note", "disc read", sayMilestone(event) ?? `${event.percent} %`);
    case "image-read":
      return told("note", "disk image read", `${event.percent} %`);
    case "boot-progressed":
      return told("note", "boot", sayBootState(event.state));
    case "called-back":
      return told("note", "call-back", sayCallBack(event));
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
      return told("note", event.step, `waits for ${sayWait(event)}`);
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
