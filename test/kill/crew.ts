import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN_TOKEN } from "./api.ts";
import { type House, openHouse } from "./house.ts";
import { QUICK } from "./keeper.ts";
import { findPort } from "./ports.ts";
import { type SharedRedis, startRedis } from "./redis.ts";
import { type Server, startServer } from "./server.ts";
import { whenAll } from "./when-all.ts";

/** A lab of machines, and Trayload in three processes on one PostgreSQL and one Redis. */
export interface Crew {
  house: House;
  redis: SharedRedis;
  /** The process with the API and the discs. */
  readonly front: Server;
  /** Two processes that work on records. */
  readonly workers: readonly [Server, Server];
  /** Starts whichever processes are dead again. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

/** A successor waits for the request's limit, so that a shorter one makes a shorter test. */
const TIMING = { ...QUICK.timing, requestLimitMs: 2_000, insertLimitMs: 4_000 };

type Name = "front" | "first" | "second";

const ROLES: Record<Name, string> = { front: "api,provision", first: "worker", second: "worker" };

/** @param databaseUrl of a database that is empty and the crew's alone */
export async function openCrew(databaseUrl: string): Promise<Crew> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "trayload-crew-"));
  opened.defer(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "key"), `k1:${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  const redis = await startRedis();
  opened.defer(() => redis.kill());
  const port = await findPort();
  const house = await openHouse(port);
  opened.defer(() => house.stop());
  const live = new Map<Name, Server>();
  opened.defer(() => Promise.all([...live.values()].map((server) => server.stop())).then(() => undefined));
  const start = async (name: Name) => {
    const settings = settingsOf({ folder, databaseUrl, redis, port }, name);
    live.set(name, await startServer({ ...QUICK, timing: TIMING, settings }));
  };

  async function revive(): Promise<void> {
    const missing = (Object.keys(ROLES) as Name[]).filter((name) => live.get(name)?.isDead !== false);
    await whenAll(missing.map(start));
    house.api.url = live.get("front")!.apiUrl;
  }

  await revive();
  await house.moveIn();
  const kept = opened.move();
  return {
    house,
    redis,
    get front() {
      return live.get("front")!;
    },
    get workers() {
      return [live.get("first")!, live.get("second")!] as const;
    },
    revive,
    stop: () => kept.disposeAsync(),
  };
}

interface Places {
  folder: string;
  databaseUrl: string;
  redis: SharedRedis;
  port: number;
}

function settingsOf({ folder, databaseUrl, redis, port }: Places, name: Name) {
  return {
    DATA_DIR: join(folder, name),
    MASTER_KEY_FILE: join(folder, "key"),
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    ROLES: ROLES[name],
    API_LISTEN: "127.0.0.1:0",
    PROVISION_LISTEN: `127.0.0.1:${port}`,
    IMAGE_ALLOW: "127.0.0.0/8",
    ADMIN_TOKEN,
    LOG_LEVEL: "warn",
  };
}
