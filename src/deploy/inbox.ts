import type { Journal } from "./journal.ts";
import type { InboxItem } from "./store.ts";

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
  }
}
