import type { DeployEvent, EventBody, Failure } from "./events.ts";
import type { RecordView } from "./record.ts";

/**
 * How a record ends that must not go on, since nobody knows what became of its machine after the moment that the database
 * remembers: nothing is asked of a BMC, so that it does not end clean.
 *
 * @param why what makes the database old
 */
export function interrupt(view: RecordView, nowMs: number, why: string): DeployEvent[] {
  const bodies: EventBody[] = [
    ...(view.state === "queued" ? [{ type: "started" } as const] : []),
    { type: "failed", error: failureOf(view, why), clean: false, result: null },
  ];
  const at = new Date(nowMs).toISOString();
  return bodies.map((body, index) => ({ ...body, v: 1, seq: view.version + 1 + index, at }));
}

function failureOf({ step }: RecordView, why: string): Failure {
  return {
    code: "restored-from-backup",
    message: `it was under way when its database was copied, and what came after is not known: ${why}`,
    hint: "Look how the machine stands, then deploy it again where that is wanted.",
    retryable: false,
    step,
    cause: [],
  };
}
