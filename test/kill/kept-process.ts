import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { ADMIN_TOKEN } from "./api.ts";
import { type Manner, type Server, startServer } from "./server.ts";

/** One process of Trayload with SQLite and a private Redis, which is started again on its data when it has died. */
export interface KeptProcess {
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
 * @param port of its provisioning listener: the same in each life, as slots hold URLs with it
 * @param onStart told where the API is, of each process
 */
export async function keepProcess(
  { settings, ...options }: Manner,
  port: number,
  onStart: (apiUrl: string) => void,
): Promise<KeptProcess> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "trayload-kill-"));
  opened.defer(() => rmSync(folder, { recursive: true }));
  const all = {
    DATA_DIR: folder,
    API_LISTEN: "127.0.0.1:0",
    PROVISION_LISTEN: `127.0.0.1:${port}`,
    IMAGE_ALLOW: "127.0.0.0/8",
    ADMIN_TOKEN,
    LOG_LEVEL: "warn",
    ...settings,
  };
  const redisFolder = join(folder, "redis");
  let server: Server;
  const start = async () => {
    server = await startServer({ ...options, settings: all });
    onStart(server.apiUrl);
  };
  await start();
  opened.defer(() => server.stop());
  // One that was killed leaves its Redis to the next, of which there is none now.
  opened.defer(async () => {
    if (server.isDead) await signalRedis(redisFolder, "SIGKILL").catch(() => undefined);
  });
  const kept = opened.move();
  return {
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
