import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { AgentBoots } from "../agent/index.ts";
import type { Config } from "../config.ts";
import { type Database, openBlobIndex, openDatabase } from "../database/index.ts";
import type { Exposures } from "../deploy/index.ts";
import {
  type Bootloaders,
  createBootloaders,
  createImageStore,
  type LocalImageStore,
} from "../images/index.ts";
import {
  type ClosableBell,
  createBell,
  createQueue,
  type HintQueue,
  openRedis,
  type RedisHandle,
} from "../jobs/index.ts";
import { createRegister, type Register, watchStore } from "../metrics/index.ts";
import { createNodes, type Nodes, type SecretBox } from "../nodes/index.ts";
import { openMasterKeys } from "./keys.ts";
import type { Lifetime } from "./lifetime.ts";
import { settleRestored } from "./restored.ts";
import { sealExposures } from "./sealed-exposures.ts";

/** What every role stands on. */
export interface Ground {
  database: Database;
  secrets: SecretBox;
  nodes: Nodes;
  /** With the discs' own bytes sealed at rest. */
  exposures: Exposures;
  images: LocalImageStore;
  bootloaders: Bootloaders;
  redis: RedisHandle;
  agentBoots: AgentBoots;
  hints: HintQueue;
  bell: ClosableBell;
  metrics: Register;
  clock: () => number;
}

/** Opens what is kept, and the nervous system. @throws the room's own error, with what to do about it */
export async function openGround(config: Config, log: Logger, lifetime: Lifetime): Promise<Ground> {
  const { dataDir } = config;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const where = config.databaseUrl === undefined ? { folder: dataDir } : { url: config.databaseUrl };
  const database = await openDatabase({ ...where, log });
  const clock = () => database.clock();
  lifetime.add("database", () => database.close());
  await settleRestored(config, database, log, lifetime);
  const secrets = openMasterKeys(config, log, lifetime);
  const redis = await openRedis({ url: config.redisUrl, folder: join(dataDir, "redis"), log });
  lifetime.add("redis", () => redis.close());
  const hints = createQueue({ redis, log });
  lifetime.add("queue", () => hints.close());
  const bell = createBell({ redis });
  lifetime.add("bell", () => bell.close());
  const images = createImageStore({
    folder: join(dataDir, "images"),
    openIndex: openBlobIndex,
    capBytes: config.images.cacheBytes,
    allow: config.images.allow,
    limits: config.images.limits,
    checksums: config.images.checksums,
    proxies: config.images.proxies,
    oci: config.images.oci,
    clock,
  });
  lifetime.add("images", () => images.close());
  const metrics = createRegister();
  watchStore(metrics, () => images.list());
  const bootloaders = createBootloaders({ store: images, settings: config.bootloaders });
  const exposures = sealExposures(database.exposures, secrets);
  const nodes = createNodes({ store: database.nodes, secrets, clock });
  const agentBoots = database.agentBoots({ sealing: secrets, hints });
  const kept = { agentBoots, database, secrets, nodes, exposures, images };
  return { ...kept, bootloaders, redis, hints, bell, metrics, clock };
}
