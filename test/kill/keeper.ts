import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { ADMIN_TOKEN } from "./api.ts";
import { type House, openHouse } from "./house.ts";
import { findPort } from "./ports.ts";
import { type Manner, type Server, startServer } from "./server.ts";

/** A lab of machines and the one process of Trayload that works on them, with SQLite and a private Redis. */
export interface Keeper {
  house: House;
  /** The process of this moment. */
  readonly server: Server;
  /** The data directory. */
  folder: string;
  /** Starts the next process on the same data; the one before is dead. */
  restart(): Promise<void>;
  /** Its private Redis answers nothing any more, and holds its connections. */
  stopRedis(): Promise<void>;
  /** Ends its private Redis and all that it had kept; the process starts it again by itself. */
  killRedis(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Waits that firmware needs and model machines do not, with room for a machine that is busy with more than this: what
 * settles is given more than the slower machines' lag, and more than the counts of reads may be late (two seconds).
 */
export const QUICK: Omit<Manner, "settings"> = {
  timing: {
    lookMs: 30,
    longestLookMs: 200,
    powerSettleMs: 2_000,
    mediaSettleMs: 4_000,
    overrideSettleMs: 1_000,
    requestLimitMs: 10_000,
    insertLimitMs: 10_000,
  },
  leaseMs: 1_500,
};

export async function openKeeper(): Promise<Keeper> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "trayload-kill-"));
  opened.defer(() => rmSync(folder, { recursive: true }));
  const port = await findPort();
  const house = await openHouse(port);
  opened.defer(() => house.stop());
  const settings = {
    DATA_DIR: folder,
    API_LISTEN: "127.0.0.1:0",
    // The same in each life, as slots hold URLs with it.
    PROVISION_LISTEN: `127.0.0.1:${port}`,
    IMAGE_ALLOW: "127.0.0.0/8",
    ADMIN_TOKEN,
    LOG_LEVEL: "warn",
  };
  const redisFolder = join(folder, "redis");
  let server: Server;
  const start = async () => {
    server = await startServer({ ...QUICK, settings });
    house.api.url = server.apiUrl;
  };
  await start();
  opened.defer(() => server.stop());
  // One that was killed leaves its Redis to the next, of which there is none now.
  opened.defer(async () => {
    if (server.isDead) await signalRedis(redisFolder, "SIGKILL").catch(() => undefined);
  });
  await house.moveIn();
  const kept = opened.move();
  return {
    house,
    folder,
    get server() {
      return server;
    },
    restart: start,
    stopRedis: () => signalRedis(redisFolder, "SIGSTOP"),
    async killRedis() {
      await signalRedis(redisFolder, "SIGKILL");
      rmSync(join(redisFolder, "appendonlydir"), { recursive: true, force: true });
    },
    stop: () => kept.disposeAsync(),
  };
}

const redisPids = new Map<string, number>();

/** Asks a private Redis for its process once, since a silent one cannot tell. */
async function signalRedis(folder: string, signal: NodeJS.Signals): Promise<void> {
  const pid = redisPids.get(folder) ?? (await findRedis(folder));
  if (signal === "SIGSTOP") redisPids.set(folder, pid);
  else redisPids.delete(folder);
  process.kill(pid, signal);
}

async function findRedis(folder: string): Promise<number> {
  const client = new Redis({ path: join(folder, "redis.sock"), maxRetriesPerRequest: 0 });
  try {
    return Number(/process_id:(\d+)/.exec(await client.info("server"))![1]);
  } finally {
    client.disconnect();
  }
}
