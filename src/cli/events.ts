import type { Failure } from "./answers.ts";

/** An event as the API shows it. Types that are not here come from a later release and are passed over. */
export type EventAnswer = { seq: number; at: string } & (
  | {
      type: "accepted";
      node: { name: string };
      request: { finish?: string; eject?: string };
      plan: { name: string }[];
    }
  | { type: "started" | "late-success" }
  | { type: "step-started"; step: string; attempt: number }
  | { type: "step-waiting"; step: string; what: string; cause: string | null; until: string }
  | { type: "step-done"; step: string; detail: string | null }
  | { type: "step-skipped"; step: string; why: string }
  | { type: "step-retried"; step: string; error: Failure; inMs: number }
  | { type: "step-failed"; step: string; error: Failure }
  | { type: "step-retreated"; step: string; to: string; why: string }
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
