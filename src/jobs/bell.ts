import { EventEmitter } from "node:events";
import { randomUUID } from "node:crypto";
import type { Bell } from "../deploy/index.ts";
import { KEY_PREFIX } from "./queue.ts";
import type { RedisHandle } from "./redis.ts";

const CHANNEL = `${KEY_PREFIX}:bell`;
/** Rings of one record within this time are one ring. */
const GATHER_MS = 5;

export interface ClosableBell extends Bell {
  close(): Promise<void>;
}

/** Rings in this process at once, and in all others that share the Redis. With Redis away it rings here alone. */
export function createBell({ redis }: { redis: RedisHandle }): ClosableBell {
  const own = randomUUID();
  const rings = new EventEmitter<{ ring: [id: string] }>().setMaxListeners(0);
  const publisher = redis.connect();
  const subscriber = redis.connect();
  const gathered = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  // Rejects only when the connection is ended before it ever stood; ioredis subscribes again after each reconnect.
  subscriber.subscribe(CHANNEL).catch(() => undefined);
  subscriber.on("message", (_channel, text) => {
    const { from, ids } = JSON.parse(text) as { from: string; ids: string[] };
    if (from !== own) for (const id of ids) rings.emit("ring", id);
  });

  const flush = () => {
    timer = undefined;
    const ids = [...gathered];
    gathered.clear();
    for (const id of ids) rings.emit("ring", id);
    if (publisher.status !== "ready") return;
    // A lost ring is made good by whoever waits, who asks again later.
    publisher.publish(CHANNEL, JSON.stringify({ from: own, ids })).catch(() => undefined);
  };

  return {
    ring(id) {
      gathered.add(id);
      timer ??= setTimeout(flush, GATHER_MS);
    },
    listen(onRing) {
      rings.on("ring", onRing);
      return () => rings.off("ring", onRing);
    },
    async close() {
      clearTimeout(timer);
      rings.removeAllListeners();
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
