import type { EventBody } from "./events.ts";
import type { RecordView } from "./record.ts";
import type { InboxItem } from "./store.ts";

type Report = Omit<InboxItem & { kind: "callback" }, "kind">;

/**
 * What a call-back that comes after the end adds to the record: a verdict changes no state any more, but is told, since the
 * machine may be fine all the same.
 *
 * @returns undefined when it is no news
 */
export function lateEventOf({ callback, lateSuccessAt }: RecordView, report: Report): EventBody | undefined {
  const { status, percent, message } = report;
  if (status === "succeeded" && callback?.status !== "succeeded" && lateSuccessAt === null)
    return { type: "late-success" };
  const hasVerdict = callback?.status === "succeeded" || callback?.status === "failed";
  if (status === "failed" && !hasVerdict) return { type: "called-back", status, percent, message };
  return undefined;
}
