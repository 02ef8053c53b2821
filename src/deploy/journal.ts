import type { DeployEvent, EventBody } from "./events.ts";
import { fold } from "./fold.ts";
import type { RecordView } from "./record.ts";
import type { Bell, Claim, Commit, Hints, InboxItem, NewRecord, RecordStore } from "./store.ts";

/** The record was claimed by another runner, or this one is stopped: it must touch nothing more. */
export class Fenced extends Error {
  override readonly name = "Fenced";
}

/**
 * The pen of the one runner that holds a record: gathers events, folds them at once, and makes them durable together.
 * What is only noted is lost with the process, so whatever a BMC is asked to do is kept first.
 */
export interface Journal {
  readonly view: RecordView;
  /** Until when the claim surely holds, in milliseconds since 1970. */
  readonly leaseUntilMs: number;
  /** @throws Fenced when it was let go */
  note(body: EventBody): void;
  followUp(record: NewRecord): void;
  /** Keeps what was noted, and the claim for `leaseMs` at least. @throws Fenced */
  keep(leaseMs?: number): Promise<void>;
  /** Keeps what was noted and lets the claim go; false when something came in, so that the look goes on. @throws Fenced */
  park(dueInMs: number): Promise<boolean>;
  /** Keeps what was noted; nothing follows. @throws Fenced */
  end(): Promise<void>;
  /** Items that came in since the last call. */
  takeInbox(): InboxItem[];
  /** Told by the renewal of leases. */
  renewed(untilMs: number): void;
  /** Keeps nothing any more; what was kept stands, and the claim is its runner's to give back. */
  letGo(): void;
}

export interface JournalParts {
  store: RecordStore;
  hints: Hints;
  bell: Bell;
  /** The database's clock. */
  clock: () => number;
  leaseMs: number;
  /** Told of events once they are durable, with the view that they led to; must not throw. */
  onKept?: (events: readonly DeployEvent[], view: RecordView) => void;
}

export function openJournal(parts: JournalParts, claim: Claim): Journal {
  const { store, clock, leaseMs } = parts;
  let view = claim.view;
  let leaseUntilMs = claim.leaseUntilMs;
  let { inboxSeq } = claim;
  let unread = claim.inbox;
  let noted: DeployEvent[] = [];
  let followUp: NewRecord | undefined;
  let isLetGo = false;

  function hold(): void {
    if (isLetGo) throw new Fenced(`${claim.id} was let go`);
  }

  async function commit(next: Commit["next"]): Promise<boolean> {
    hold();
    const asked = clock();
    const request: Commit = { events: noted, view, next, ...(followUp === undefined ? {} : { followUp }) };
    const result = await store.commit({ id: claim.id, epoch: claim.epoch, inboxSeq }, request);
    if (!result.kept) throw new Fenced(`${claim.id} was claimed again`);
    if (noted.length > 0) parts.bell.ring(claim.id);
    parts.onKept?.(noted, view);
    noted = [];
    followUp = undefined;
    unread = unread.concat(result.inbox);
    inboxSeq = result.inboxSeq;
    if (next.kind === "go-on") leaseUntilMs = asked + next.leaseMs;
    await parts.hints.add(result.hints);
    return result.parked;
  }

  return {
    get view() {
      return view;
    },
    get leaseUntilMs() {
      return leaseUntilMs;
    },
    note(body) {
      hold();
      const event: DeployEvent = {
        ...body,
        v: 1,
        seq: view.version + 1,
        at: new Date(clock()).toISOString(),
      };
      view = fold(view, event);
      noted.push(event);
    },
    followUp(record) {
      followUp = record;
    },
    async keep(forMs = 0) {
      if (noted.length > 0) await commit({ kind: "go-on", leaseMs: Math.max(forMs, leaseMs) });
    },
    park: (dueInMs) => commit({ kind: "park", dueInMs }),
    async end() {
      await commit({ kind: "end" });
    },
    takeInbox() {
      const taken = unread;
      unread = [];
      return taken;
    },
    renewed(untilMs) {
      leaseUntilMs = Math.max(leaseUntilMs, untilMs);
    },
    letGo() {
      isLetGo = true;
    },
  };
}
