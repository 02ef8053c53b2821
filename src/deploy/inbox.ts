import { SECOND_DISC } from "./steps/second-disc.ts";
import type { Journal } from "./journal.ts";
import type { RecordView } from "./record.ts";
import type { InboxItem } from "./store.ts";

/** The disk image that is served to the agent; undefined before it is and where there is none. */
function diskImageOf({ facts }: RecordView): { id: string } | undefined {
  return facts["diskImage"] as { id: string } | undefined;
}

/** Turns what came in from outside into events. Nudges and heartbeats only wake. */
export function absorb(journal: Journal, items: readonly InboxItem[]): void {
  for (const item of items) {
    if (item.kind === "cancel" && journal.view.cancelRequested === null)
      journal.note({ type: "cancel-requested", by: item.by });
    if (item.kind === "callback") {
      const { status, percent, message } = item;
      journal.note({ type: "called-back", status, percent, message });
    }
    // An agent that is refused asks again every few seconds, for ever.
    if (item.kind === "agent-refused" && refusalOf(journal.view)?.why !== item.why) {
      const { why, detail } = item;
      journal.note({ type: "agent-refused", why, detail });
    }
    // What is read of a second disc tells nothing of the boot.
    if (item.kind === "disc-read" && !item.discId.startsWith(SECOND_DISC)) {
      const { milestone, percent } = item;
      journal.note({ type: "disc-read", milestone, percent });
    }
    // A config drive is read too, of which nobody wants to know.
    if (item.kind === "file-read" && item.fileId === diskImageOf(journal.view)?.id)
      journal.note({ type: "image-read", percent: item.percent });
  }
}

/** The last refusal of an agent's call; null when there was none in this boot. */
export function refusalOf({ facts }: RecordView): { why: string; detail: string } | null {
  return (facts["agentRefused"] ?? null) as { why: string; detail: string } | null;
}
