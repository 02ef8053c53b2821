import type { Failure } from "./answers.ts";

/** An event as the API shows it. Types that are not here come from a later release. */
export type EventAnswer = { recordId: string; seq: number; at: string } & (
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
  | { type: "learned"; step: string }
  | { type: "action-intended"; action: { kind: string; target: string } }
  | { type: "action-accepted"; action: { kind: string }; monitor: string }
  | { type: "action-answered"; action: { kind: string }; outcome: string }
  | { type: "evidence-found"; evidence: { what: string; how: string; strength: string } }
  | { type: "steps-planned"; steps: { name: string }[] }
  | { type: "agent-refused"; detail: string }
  | { type: "disc-read"; milestone: string; percent: number }
  | { type: "image-read"; percent: number }
  | { type: "boot-progressed"; state: string }
  | { type: "called-back"; status: string; percent: number | null; message: string | null }
  | { type: "warned"; message: string }
  | { type: "cancel-requested"; by: string }
  | { type: "succeeded" | "cancelled" | "failed"; clean: boolean }
);

type Of<T extends EventAnswer["type"]> = Extract<EventAnswer, { type: T }>;

const MILESTONES: Record<string, string> = {
  "first-byte": "the first byte",
  "boot-image": "its boot image",
  "beyond-boot-image": "more than its boot image",
  "boot-again": "its boot image, once more",
};

/** What was read of the disc; undefined for a tenth of it, which is a figure. */
export function sayMilestone({ milestone }: Of<"disc-read">): string | undefined {
  return milestone === "tenth" ? undefined : (MILESTONES[milestone] ?? milestone);
}

/** "OS boot started" of `OSBootStarted`. */
export function sayBootState(state: string): string {
  const words = state.replaceAll(/([a-z])([A-Z])/g, "$1 $2").replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2");
  return words.replaceAll(/(?<= )[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());
}

export function sayCallBack({ status, percent, message }: Of<"called-back">): string {
  return `${status}${percent === null ? "" : ` ${percent} %`}${message === null ? "" : `: ${message}`}`;
}

/** How a fact is known, and how surely where that is not beyond doubt. */
export function sayProof({ evidence: { how, strength } }: Of<"evidence-found">): string {
  return strength === "strong" ? how : `${how} (${strength})`;
}

export function sayWait({ what, cause }: Of<"step-waiting">): string {
  return `${what}${cause === null ? "" : ` (${cause})`}`;
}
