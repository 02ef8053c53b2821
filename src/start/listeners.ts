import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import type { Logger } from "pino";
import { createApi } from "../api/index.ts";
import { createCampaigns } from "../campaigns/index.ts";
import type { CertificateFiles, Config } from "../config.ts";
import { watchDiscs, watchEvents } from "../metrics/index.ts";
import { createProvision } from "../provision/index.ts";
import { createSender, createWebhooks } from "../webhooks/index.ts";
import { createPage } from "../web/index.ts";
import { watchCertificate, type WatchedCertificate } from "./certificate.ts";
import { imageServers } from "./admitting.ts";
import type { Ground } from "./ground.ts";
import { openIntake } from "./intake.ts";
import type { Lifetime } from "./lifetime.ts";
import { auditRefusals } from "./refused-calls.ts";
import { createUpkeep } from "./retaining.ts";
import { createQueueReads, createStandings } from "./standings.ts";

/** The listener for BMCs, ramdisks and installers. @returns its base URLs on this machine, and the port */
export async function startProvision(
  config: Config,
  ground: Ground,
  log: Logger,
  lifetime: Lifetime,
): Promise<{ url: string; port: number; tlsUrl: string | undefined }> {
  const { agentBoots, database, secrets, exposures, images, bootloaders, hints, bell, metrics, clock } =
    ground;
  const provision = createProvision({
    exposures,
    agentBoots,
    store: database.records,
    readCounts: database.readCounts,
    hints,
    bell,
    images,
    makeAgain: (digest, holder) => bootloaders.restore(digest, holder),
    seals: secrets,
    process: randomUUID(),
    discSources: config.provision.discSources,
    onBytes: watchDiscs(metrics),
    onRefused: auditRefusals(database.audit, clock),
    clock,
    log,
  });
  lifetime.add("provisioning listener", () => provision.close());
  const { listen, isShared, tls } = config.provision;
  const { address, port } = await provision.listen({ ...listen, isShared });
  const plain = { url: urlOf(address, port), port };
  if (tls === undefined) return { ...plain, tlsUrl: undefined };
  const certificate = certificateOf(tls, log, lifetime);
  const secure = await provision.listen({ ...tls.listen, isShared, certificate });
  return { ...plain, tlsUrl: urlOf(secure.address, secure.port, "https") };
}

function certificateOf(files: CertificateFiles, log: Logger, lifetime: Lifetime): WatchedCertificate {
  const certificate = watchCertificate(files, log);
  lifetime.add("look at the certificate", () => certificate.stop());
  return certificate;
}

/** An address that means all of them is reached on this machine by its loopback. */
export function urlOf(address: string, port: number, scheme: "http" | "https" = "http"): string {
  if (address === "::" || address === "0.0.0.0") return `${scheme}://127.0.0.1:${port}`;
  return `${scheme}://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** The listener for people and pipelines. @returns its base URL on this machine */
export async function startApi(
  config: Config,
  ground: Ground,
  adminToken: string,
  log: Logger,
  lifetime: Lifetime,
): Promise<string> {
  const { database, secrets, nodes, images, redis, bell, metrics, clock } = ground;
  const eventReached = watchEvents(metrics);
  const { tls } = config.api;
  const { intake, agentImages, blobs } = openIntake(config, ground);
  const api = createApi({
    ...(tls === undefined ? {} : { certificate: certificateOf(tls, log, lifetime) }),
    nodes,
    fleet: database.fleet,
    page: createPage(),
    intake,
    campaigns: createCampaigns({
      store: database.campaigns,
      nodes,
      intake,
      seals: secrets,
      bell,
      serverOf: imageServers(config),
      clock,
      atOnce: config.campaignConcurrent,
    }),
    records: database.records,
    readCounts: database.readCounts,
    transcripts: database.transcripts,
    images,
    agentImages,
    inventories: database.inventories,
    blobs,
    bell,
    bmcs: createStandings(ground),
    queue: createQueueReads(ground, lifetime),
    idempotency: database.idempotency,
    adminToken,
    tokens: database.tokens,
    audit: database.audit,
    stepTimes: database.stepTimes,
    webhooks: createWebhooks({
      store: database.webhooks,
      records: database.records,
      campaigns: database.campaigns,
      sender: createSender(config.webhooks.allow),
      seals: secrets,
      clock,
    }),
    upkeep: createUpkeep(config, ground),
    requestsPerMinute: config.api.requestsPerMinute,
    apiProxies: config.api.proxies,
    clock,
    isMetricsOpen: config.api.metricsOpen,
    corsOrigins: config.api.corsOrigins,
    ...(config.api.oidc === undefined ? {} : { oidc: config.api.oidc }),
    metrics,
    onEvent: (at) => eventReached(at, clock()),
    readyChecks: [
      { name: "database", isReady: async () => (await database.now()) > 0 },
      { name: "queue", isReady: () => redis.isReady() },
    ],
    log,
    version: VERSION,
  });
  lifetime.add("API", () => api.close());
  return api.listen({ host: config.api.listen.host ?? "::", port: config.api.listen.port });
}

/** Of the program. */
export const { version: VERSION } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"),
) as {
  version: string;
};
