import type { DeployEvent } from "../../deploy/index.ts";
import { presentEvent } from "../present/event.ts";
import type { Arrival, Feed } from "./feed.ts";
import { frame, type SseWriter } from "./sse.ts";

/** An event with the number by which its stream counts: `seq` within one record, or the global position. */
export interface Numbered {
  number: number;
  recordId: string;
  event: DeployEvent;
}

/** One stream of events: of one record, or of all. */
export interface Source {
  /** Null for all records. */
  recordId: string | null;
  read(after: number, limit: number): Promise<Numbered[]>;
  /** Numbers of a live event and of the one before it, as this stream counts. */
  numbers(arrival: Arrival): { number: number; previous: number };
  /** Whether the stream ends with this event. */
  isLast(event: DeployEvent): boolean;
  /** Tells which of some records' events may be shown; absent where all may. */
  pick?(recordIds: ReadonlySet<string>): Promise<ReadonlySet<string>>;
}

/** Where a stream begins, and whether it ends once what is there has been sent. */
export interface Start {
  cursor: number;
  endsNow: boolean;
}

const BATCH = 200;

/**
 * Sends the events after `start.cursor`, then those to come, until the client goes or the last event was sent. A live
 * event goes out as it arrives while the client keeps up; a client that fell behind reads on from the store at its own
 * pace, so nothing is kept for it in memory.
 */
export async function follow(writer: SseWriter, feed: Feed, source: Source, start: Start): Promise<void> {
  let { cursor, endsNow } = start;
  let isReading = false;
  let mustReadOn = false;
  const over = Promise.withResolvers<void>();
  writer.signal.addEventListener("abort", () => over.resolve());
  if (writer.signal.aborted) return;

  const sendBatch = async () => {
    mustReadOn = false;
    const batch = await source.read(cursor, BATCH);
    const shown = await source.pick?.(new Set(batch.map(({ recordId }) => recordId)));
    for (const { number, recordId, event } of batch) {
      if (!writer.isReady) break;
      if (shown?.has(recordId) !== false)
        writer.write(frame({ id: number, data: presentEvent(recordId, event) }));
      cursor = number;
      endsNow ||= source.isLast(event);
    }
    mustReadOn ||= batch.length === BATCH || !writer.isReady;
  };
  const sendStored = async () => {
    isReading = true;
    try {
      while (mustReadOn && writer.isReady) await sendBatch();
      if (endsNow && !mustReadOn) over.resolve();
    } catch (error) {
      over.reject(error);
    } finally {
      isReading = false;
    }
  };
  const readOn = () => {
    mustReadOn = true;
    if (!isReading) void sendStored();
  };
  const onArrival = (arrival: Arrival) => {
    const { number, previous } = source.numbers(arrival);
    if (number <= cursor) return;
    // What must be picked is read, since picking takes time and events keep their order.
    if (isReading || !writer.isReady || previous !== cursor || source.pick !== undefined) return readOn();
    cursor = number;
    writer.write(sharedFrame(arrival, number));
    if (source.isLast(arrival.event)) over.resolve();
  };

  const leave = await feed.listen(source.recordId, onArrival);
  writer.onReady(readOn);
  readOn();
  await over.promise.finally(leave);
}

const texts = new WeakMap<Arrival, Map<number, string>>();

/** Makes the text of a live event once for all streams that count alike. */
function sharedFrame(arrival: Arrival, number: number): string {
  const known = texts.get(arrival) ?? new Map<number, string>();
  texts.set(arrival, known);
  const text =
    known.get(number) ?? frame({ id: number, data: presentEvent(arrival.recordId, arrival.event) });
  known.set(number, text);
  return text;
}
