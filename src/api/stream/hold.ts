import type { RecordStore, RecordView } from "../../deploy/index.ts";
import type { Feed } from "./feed.ts";

/** Holds answers until a record is as its asker wants it. */
export interface Holds {
  /**
   * Reads the record, and again at each of its events, until `isEnough`, or `waitMs` have passed, or `signal` is aborted.
   *
   * @returns the last view; undefined when there is no such record
   */
  until(
    id: string,
    isEnough: (view: RecordView) => boolean,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<RecordView | undefined>;
}

export function createHolds(records: Pick<RecordStore, "get">, feed: Feed): Holds {
  const reading = new Map<string, Promise<RecordView | undefined>>();

  /** Any number of askers wake at one event; they share one read, begun after it. */
  const readShared = (id: string) => {
    const shared = reading.get(id);
    if (shared !== undefined) return shared;
    const read = Promise.resolve().then(() => {
      reading.delete(id);
      return records.get(id);
    });
    reading.set(id, read);
    return read;
  };

  return {
    until: async (id, isEnough, waitMs, signal) => {
      const first = await records.get(id);
      if (first === undefined || waitMs === 0 || isEnough(first) || signal.aborted) return first;
      const answer = Promise.withResolvers<RecordView | undefined>();
      let latest: RecordView | undefined = first;
      const look = () => {
        readShared(id).then((view) => {
          latest = view;
          if (view === undefined || isEnough(view)) answer.resolve(view);
        }, answer.reject);
      };
      const giveUp = () => answer.resolve(latest);
      const timer = setTimeout(giveUp, waitMs);
      signal.addEventListener("abort", giveUp);
      const leave = await feed.listen(id, look);
      try {
        look();
        return await answer.promise;
      } finally {
        leave();
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
      }
    },
  };
}
