import type { IncomingMessage, ServerResponse } from "node:http";
import type { ExposedEvents } from "../deploy/index.ts";
import { answerEmpty } from "./answer.ts";
import type { ProvisionLimits, ProvisionParts } from "./parts.ts";
import { wakeRecord } from "./wake.ts";

/** Takes what BMCs post about themselves. */
export interface Events {
  /**
   * Answers 204 whatever it says, since it is not read: an event is a hint to look, and what is so the BMC's resources tell.
   */
  take(request: IncomingMessage, response: ServerResponse, exposure: ExposedEvents): Promise<void>;
  /** Lets go what was not told yet; the records come due by themselves. */
  close(): void;
}

/** Of iLO and iDRAC some hold a batch of log entries; more than this is no event. */
const BODY_BYTES = 64 * 1024;
/** A body that is too large is read up to here, so that the answer reaches who is still sending. */
const DRAINED_BYTES = 1024 * 1024;

type Needed = Pick<ProvisionParts, "store" | "hints" | "log">;

/** Wakes a record at the first event, and at most once in a while by those that follow, the last of them included. */
export function createEvents(
  parts: Needed,
  { eventsEveryMs }: Pick<ProvisionLimits, "eventsEveryMs">,
): Events {
  const resting = new Map<string, { timer: NodeJS.Timeout; hasMore: boolean }>();

  async function tell(recordId: string): Promise<void> {
    rest(recordId);
    await wakeRecord(parts, recordId, { kind: "nudge", about: "an event of the BMC" });
  }

  function rest(recordId: string): void {
    const timer = setTimeout(() => void wakeUp(recordId), eventsEveryMs);
    timer.unref();
    resting.set(recordId, { timer, hasMore: false });
  }

  async function wakeUp(recordId: string): Promise<void> {
    const { hasMore } = resting.get(recordId)!;
    resting.delete(recordId);
    if (hasMore)
      await tell(recordId).catch((error: unknown) =>
        parts.log.warn(
          { recordId, error },
          "an event of a BMC was lost; the record is looked at when it is due",
        ),
      );
  }

  return {
    async take(request, response, { recordId }) {
      if (request.method !== "POST") return answerEmpty(response, 405, { allow: "POST" });
      if (!(await isDrained(request))) return answerEmpty(response, 413, { connection: "close" });
      const rested = resting.get(recordId);
      if (rested === undefined) await tell(recordId);
      else rested.hasMore = true;
      answerEmpty(response, 204);
    },
    close() {
      for (const { timer } of resting.values()) clearTimeout(timer);
      resting.clear();
    },
  };
}

/** @returns false for a body that is too large */
async function isDrained(request: IncomingMessage): Promise<boolean> {
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > DRAINED_BYTES) break;
  }
  return bytes <= BODY_BYTES;
}
