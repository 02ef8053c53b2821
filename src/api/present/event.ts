import type * as z from "zod";
import type { DeployEvent } from "../../deploy/index.ts";
import type { shownEvent } from "../schemas/event.ts";

/** An event as it is shown: without the facts, which are the runner's memory. */
export function presentEvent(recordId: string, event: DeployEvent): z.input<typeof shownEvent> {
  if (!("facts" in event)) return { recordId, ...event };
  const { facts: _, ...shown } = event;
  return { recordId, ...shown };
}
