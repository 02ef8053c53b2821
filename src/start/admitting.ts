import type { Logger } from "pino";
import { readingOf } from "../api/index.ts";
import { createAdmitter, createLoads } from "../campaigns/index.ts";
import type { Config } from "../config.ts";
import type { Node } from "../nodes/index.ts";
import type { Ground } from "./ground.ts";
import { openIntake } from "./intake.ts";
import type { Lifetime } from "./lifetime.ts";

/** Where a node's BMC reads its disc, as far as settings tell; our own address is one server for all. */
export function imageServers({ provision }: Pick<Config, "provision">): (node: Node) => string {
  const own = provision.urls[0] ?? "this server";
  return ({ provisionUrl, site }) =>
    provisionUrl ?? (site === null ? undefined : provision.bySite.get(site.toLowerCase())?.[0]) ?? own;
}

/** Lets nodes of campaigns begin, as workers do. */
export function startAdmitting(
  config: Config,
  { leaseMs }: { leaseMs?: number },
  ground: Ground,
  log: Logger,
  lifetime: Lifetime,
): void {
  const { database, secrets, nodes, bell, clock } = ground;
  const { records, readCounts, campaigns: store } = database;
  const admitter = createAdmitter({
    store,
    intake: openIntake(config, ground).intake,
    nodes,
    loads: createLoads({ store, records, readingOf: readingOf(readCounts, clock), clock }),
    seals: secrets,
    bell,
    log,
    atOnce: config.campaignConcurrent,
    ...(leaseMs === undefined ? {} : { timing: { claimMs: leaseMs } }),
  });
  lifetime.add("campaigns", () => admitter.stop());
}
