import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { startBeat } from "./beat.ts";
import { createOutageLog, type Log } from "./log.ts";
import { KEY_PREFIX } from "./queue.ts";
import type { RedisHandle } from "./redis.ts";

/** A process that takes hints, as it says itself. */
export interface RosterEntry {
  id: string;
  host: string;
  pid: number;
  /** Looks that it can have at once, and has now. */
  capacity: number;
  busy: number;
  /** RFC 3339, by its own clock. */
  startedAt: string;
  seenAt: string;
}

const NAMES = `${KEY_PREFIX}:workers`;
const keyOf = (id: string) => `${KEY_PREFIX}:worker:${id}`;
const EVERY_MS = 5_000;
/** Who has not been heard of for so long is forgotten, by Redis itself. */
const KEPT_MS = 16_000;

/** Says again and again that this process works. Who dies is forgotten; nothing depends on it. */
export function joinRoster(parts: {
  redis: Pick<RedisHandle, "connect">;
  capacity: number;
  busy: () => number;
  log: Log;
}): { stop(): Promise<void> } {
  const { redis, capacity, busy, log } = parts;
  const connection = redis.connect();
  const id = randomUUID();
  const startedAt = new Date().toISOString();
  const outage = createOutageLog(log, "this worker cannot be listed while Redis is away");
  const say = async () => {
    if (connection.status !== "ready") return;
    const seenAt = new Date().toISOString();
    const entry: RosterEntry = {
      id,
      host: hostname(),
      pid: process.pid,
      capacity,
      busy: busy(),
      startedAt,
      seenAt,
    };
    await connection.set(keyOf(id), JSON.stringify(entry), "PX", KEPT_MS);
    await connection.sadd(NAMES, id);
  };
  const beat = startBeat(EVERY_MS, say, (error) =>
    error === undefined ? outage.worked() : outage.failed(error),
  );
  connection.once("ready", () => void say().catch(outage.failed));
  return {
    async stop() {
      await beat.stop();
      if (connection.status === "ready") await connection.del(keyOf(id)).catch(() => undefined);
      connection.disconnect();
    },
  };
}

/** Reads who works; of all processes that share the Redis. */
export function createRoster({ redis }: { redis: Pick<RedisHandle, "connect"> }): {
  /** By the time of their start. @throws Error while Redis is away */
  list(): Promise<RosterEntry[]>;
  close(): void;
} {
  const connection = redis.connect();
  return {
    async list() {
      if (connection.status !== "ready") throw new Error(`the connection to Redis is ${connection.status}`);
      const ids = await connection.smembers(NAMES);
      const texts = ids.length === 0 ? [] : await connection.mget(ids.map(keyOf));
      const gone = ids.filter((_, index) => texts[index] == null);
      if (gone.length > 0) await connection.srem(NAMES, ...gone);
      const entries = texts.flatMap((text) => (text == null ? [] : [JSON.parse(text) as RosterEntry]));
      return entries.toSorted((one, other) => (one.startedAt < other.startedAt ? -1 : 1));
    },
    close: () => connection.disconnect(),
  };
}
