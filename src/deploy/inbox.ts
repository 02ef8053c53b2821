import type { Journal } from "./journal.ts";
import type { RecordView } from "./record.ts";
import type { InboxItem } from "./store.ts";

/** The disk image that is served to the agent; undefined before it is and where there is none. */
function diskImageOf({ facts }: RecordView): { id: string } | undefined {
  return facts["diskImage"] as { id: string } | undefined;
}

/** Turns what came in from outside into events. Nudges only wake. */
export function absorb(journal: Journal, items: readonly InboxItem[]): void {
  for (const item of items) {
    if (item.kind === "cancel" && journal.view.cancelRequested === null)
      journal.note({ type: "cancel-requested", by: item.by });
    if (item.kind === "callback") {
      const { status, percent, message } = item;
      journal.note({ type: "called-back", status, percent, message });
    }
    if (item.kind === "disc-read") {
      const { milestone, percent } = item;
      journal.note({ type: "disc-read", milestone, percent });
    }
    // A config drive is read too, of which nobody wants to know.
    if (item.kind === "file-read" && item.fileId === diskImageOf(journal.view)?.id)
      journal.note({ type: "image-read", percent: item.percent });
  }
}
