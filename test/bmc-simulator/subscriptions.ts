import { randomUUID } from "node:crypto";
import { postCallBack } from "./call-back.ts";
import type { Profile } from "./profile.ts";

/** Whom a BMC tells. */
export interface Subscription {
  id: string;
  destination: string;
  context: string | null;
}

export interface Subscriptions {
  readonly all: readonly Subscription[];
  /** @returns undefined when there are as many as the BMC takes */
  add(asked: Omit<Subscription, "id">): Subscription | undefined;
  remove(one: Subscription): void;
  /** Tells all of them that something of the system has changed; nobody waits for it. */
  tell(messageId: string, origin: string): void;
  close(): void;
}

/** Keeps and serves them as the profile says. What cannot be delivered is lost, as it is at the last of a BMC's tries. */
export function createSubscriptions(events: Profile["events"]): Subscriptions {
  const all: Subscription[] = [];
  const closing = new AbortController();
  let count = 0;
  return {
    all,
    add({ destination, context }) {
      if (all.length >= (events?.limit ?? 0)) return undefined;
      const made = { id: String((count += 1)), destination, context: events?.keepsContext ? context : null };
      all.push(made);
      return made;
    },
    remove(one) {
      all.splice(all.indexOf(one), 1);
    },
    tell(messageId, origin) {
      if (events?.sends !== true) return;
      for (const { destination, context } of all)
        postCallBack(destination, eventOf(messageId, origin, context), closing.signal).catch(() => undefined);
    },
    close: () => closing.abort(),
  };
}

/** DSP8010, Event. */
function eventOf(messageId: string, origin: string, context: string | null): object {
  return {
    "@odata.type": "#Event.v1_7_0.Event",
    Id: randomUUID(),
    Name: "Event",
    ...(context !== null && { Context: context }),
    Events: [
      {
        EventId: randomUUID(),
        MemberId: "0",
        MessageId: messageId,
        EventTimestamp: new Date().toISOString(),
        OriginOfCondition: { "@odata.id": origin },
      },
    ],
  };
}
