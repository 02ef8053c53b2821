import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN_TOKEN, type Api, createApi } from "../kill/api.ts";
import { QUICK } from "../kill/keeper.ts";
import { findPort } from "../kill/ports.ts";
import { startRedis } from "../kill/redis.ts";
import { type Server, startServer } from "../kill/server.ts";
import { makeBootloaders } from "../product/agent-images.ts";

/** A process that does nothing but serve discs, with a data directory of its own. */
export interface Replica {
  /** Where it serves; the same after each start. */
  readonly origin: string;
  /** Digests in hex of the blobs in its store. */
  blobs(): string[];
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Removes the blobs of its store; to be called while it is stopped. */
  loseBlobs(): void;
}

/** Trayload in several processes that share a database, a Redis and a master key, and no folder. */
export interface Site {
  /** Of the process that takes requests and works on them. */
  api: Api;
  /** The first two run; machines are sent to the first. The third is not started. */
  replicas: readonly [Replica, Replica, Replica];
  stop(): Promise<void>;
}

/** @param databaseUrl of a database that is empty and the site's alone */
export async function openSite(databaseUrl: string): Promise<Site> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "trayload-site-"));
  opened.defer(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "key"), `k1:${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  const redis = await startRedis();
  opened.defer(() => redis.kill());
  const shared = {
    MASTER_KEY_FILE: join(folder, "key"),
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    BOOTLOADER_X86_64: makeBootloaders(folder),
    IMAGE_ALLOW: "127.0.0.0/8",
    LOG_LEVEL: "warn",
  };
  const replicas = [
    await createReplica(join(folder, "one"), shared),
    await createReplica(join(folder, "two"), shared),
    await createReplica(join(folder, "three"), shared),
  ] as const;
  opened.defer(() => Promise.all(replicas.map((replica) => replica.stop())).then(() => undefined));
  const front = await startServer({
    ...QUICK,
    settings: {
      ...shared,
      DATA_DIR: join(folder, "front"),
      ROLES: "api,worker",
      API_LISTEN: "127.0.0.1:0",
      ADMIN_TOKEN,
      PROVISION_URL: replicas[0].origin,
    },
  });
  opened.defer(() => front.stop());
  await replicas[0].start();
  await replicas[1].start();
  const api = createApi();
  api.url = front.apiUrl;
  const kept = opened.move();
  return { api, replicas, stop: () => kept.disposeAsync() };
}

async function createReplica(folder: string, shared: Record<string, string>): Promise<Replica> {
  const listen = `127.0.0.1:${await findPort()}`;
  const store = join(folder, "images", "sha256");
  const settings = { ...shared, DATA_DIR: folder, ROLES: "provision", PROVISION_LISTEN: listen };
  let server: Server | undefined;
  return {
    origin: `http://${listen}`,
    // A store is made when it is first asked for something.
    blobs: () => (existsSync(store) ? readdirSync(store) : []),
    async start() {
      server = await startServer({ ...QUICK, settings });
    },
    stop: async () => server?.stop(),
    loseBlobs: () => rmSync(store, { recursive: true }),
  };
}
