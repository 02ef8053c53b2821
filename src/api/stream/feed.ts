import type { Logger } from "pino";
import type { Bell, DeployEvent, RecordStore } from "../../deploy/index.ts";

/** An event as it arrives live. */
export interface Arrival {
  recordId: string;
  event: DeployEvent;
  /** Global position, and that of the arrival before it: who stands there has missed nothing. */
  position: number;
  previous: number;
}

export type OnArrival = (arrival: Arrival) => void;

/** The one live reader of this process: however many clients listen, each event is read once. */
export interface Feed {
  /** @param recordId null for all records. Resolves when nothing after this moment can be missed. */
  listen(recordId: string | null, onArrival: OnArrival): Promise<() => void>;
  close(): void;
}

export interface FeedParts {
  records: Pick<RecordStore, "eventsSince" | "lastPosition">;
  bell: Bell;
  log: Logger;
  /** Told of each event when it is handed on, by its time. */
  onEvent?: (at: string) => void;
  /** How often to look without a ring, in milliseconds: rings may be lost. */
  lookEveryMs?: number;
}

/** Key of those who listen to all records; no id looks like it. */
const ALL = "*";

/** Reads while somebody listens, and rests otherwise. */
export function createFeed(parts: FeedParts): Feed {
  const listeners = new Map<string, Set<OnArrival>>();
  let reader: Promise<() => void> | undefined;

  const hand = (arrival: Arrival) => {
    for (const key of [arrival.recordId, ALL]) {
      for (const onArrival of listeners.get(key) ?? []) onArrival(arrival);
    }
  };
  const rest = () => {
    // A reader that never began was reported to whoever waited for it.
    reader?.then(
      (stop) => stop(),
      () => undefined,
    );
    reader = undefined;
  };
  const leave = (key: string, onArrival: OnArrival) => {
    const group = listeners.get(key);
    if (group?.delete(onArrival) !== true) return;
    if (group.size === 0) listeners.delete(key);
    if (listeners.size === 0) rest();
  };

  return {
    listen: async (recordId, onArrival) => {
      const key = recordId ?? ALL;
      listeners.set(key, (listeners.get(key) ?? new Set()).add(onArrival));
      reader ??= startReading(parts, hand);
      try {
        await reader;
      } catch (error) {
        reader = undefined;
        leave(key, onArrival);
        throw error;
      }
      return () => leave(key, onArrival);
    },
    close: () => {
      listeners.clear();
      rest();
    },
  };
}

const BATCH = 500;

/** Hands on each event after this moment, in order. @returns what stops it */
async function startReading(parts: FeedParts, hand: OnArrival): Promise<() => void> {
  const { records, bell, log, lookEveryMs = 2000 } = parts;
  let position = await records.lastPosition();
  let isReading = false;
  let mustReadOn = false;

  const readBatch = async () => {
    mustReadOn = false;
    const batch = await records.eventsSince(position, BATCH);
    for (const { position: at, id, event } of batch) {
      parts.onEvent?.(event.at);
      hand({ recordId: id, event, position: at, previous: position });
      position = at;
    }
    mustReadOn ||= batch.length === BATCH;
  };
  const readOn = async () => {
    isReading = true;
    try {
      while (mustReadOn) await readBatch();
    } catch (error) {
      log.warn({ err: error }, "live events could not be read; they are read again soon");
    } finally {
      isReading = false;
    }
  };
  const look = () => {
    mustReadOn = true;
    if (!isReading) void readOn();
  };
  const stopListening = bell.listen(look);
  const timer = setInterval(look, lookEveryMs).unref();
  return () => {
    stopListening();
    clearInterval(timer);
  };
}
