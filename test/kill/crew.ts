import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PostgresServer, startPostgres } from "../postgres/server.ts";
import { ADMIN_TOKEN } from "./api.ts";
import { type House, openHouse } from "./house.ts";
import { QUICK } from "./keeper.ts";
import { findPort } from "./ports.ts";
import { type SharedRedis, startRedis } from "./redis.ts";
import { type Server, startServer } from "./server.ts";

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
const TIMING = { ...QUICK.timing, requestLimitMs: 1_000, insertLimitMs: 1_500 };

type Name = "front" | "first" | "second";

const ROLES: Record<Name, string> = { front: "api,provision", first: "worker", second: "worker" };

export async function openCrew(): Promise<Crew> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-crew-"));
  writeFileSync(join(folder, "key"), `k1:${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  const [postgres, redis, port] = await Promise.all([startPostgres(), startRedis(), findPort()]);
  const house = await openHouse(port);
  const start = (name: Name, roles = ROLES[name]) =>
    startServer({
      ...QUICK,
      timing: TIMING,
      settings: settingsOf({ folder, postgres, redis, port }, name, roles),
    });
  const live = new Map<Name, Server>();

  /** One process does all once, so that the image is where the discs are served. */
  async function begin(): Promise<void> {
    const alone = await start("front", "api,worker,provision");
    house.api.url = alone.apiUrl;
    await house.moveIn();
    await house.tidy();
    await Promise.all(house.deployAll("first"));
    await alone.stop();
  }

  async function revive(): Promise<void> {
    const missing = (Object.keys(ROLES) as Name[]).filter((name) => live.get(name)?.isDead !== false);
    await Promise.all(missing.map(async (name) => live.set(name, await start(name))));
    house.api.url = live.get("front")!.apiUrl;
  }

  await begin();
  await revive();
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
    async stop() {
      await Promise.all([...live.values()].map((server) => server.stop()));
      await Promise.all([house.stop(), redis.kill()]);
      await postgres.remove();
      rmSync(folder, { recursive: true });
    },
  };
}

interface Places {
  folder: string;
  postgres: PostgresServer;
  redis: SharedRedis;
  port: number;
}

function settingsOf({ folder, postgres, redis, port }: Places, name: Name, roles: string) {
  return {
    DATA_DIR: join(folder, name),
    MASTER_KEY_FILE: join(folder, "key"),
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    ROLES: roles,
    API_LISTEN: "127.0.0.1:0",
    PROVISION_LISTEN: `127.0.0.1:${port}`,
    IMAGE_ALLOW: "127.0.0.0/8",
    ADMIN_TOKEN,
    LOG_LEVEL: "warn",
  };
}
