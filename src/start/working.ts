import { readFileSync } from "node:fs";
import type { Logger } from "pino";
import { createAgentPool } from "../agent/index.ts";
import type { Config } from "../config.ts";
import {
  createRunner,
  createSteps,
  DEFAULT_TIMING,
  type DeployEvent,
  likenessOf,
  type Parts,
  type RecordView,
  type StepTimes,
  tookOf,
} from "../deploy/index.ts";
import { createLeaseRenewal, createScheduler, createWorker, joinRoster } from "../jobs/index.ts";
import { watchBmcs, watchLooks, watchRecords } from "../metrics/index.ts";
import { createBmcPool, examine, type Quirk, QUIRKS, readQuirks } from "../redfish/index.ts";
import { createDiscMaker } from "./discs.ts";
import type { Ground } from "./ground.ts";
import { admitDiskImage, inspectImage } from "../images/index.ts";
import type { Lifetime } from "./lifetime.ts";

/** How long a claim holds without renewal. */
const LEASE_MS = 30_000;
/** How long looks may take to end at a stop; init systems kill after some more. */
const DRAIN_MS = 15_000;

/** What may be other than usual; main.ts tells what each means. */
export interface WorkingOptions {
  timing?: Partial<Parts["timing"]>;
  leaseMs?: number;
  drainMs?: number;
  quirks?: readonly Quirk[];
}

/** @throws Error that names the file and what is wrong with it */
function ownQuirks(file: string | undefined): Quirk[] {
  if (file === undefined) return [];
  try {
    return readQuirks(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`TRAYLOAD_QUIRKS_FILE ${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Of a deployment that has succeeded; one that is lost makes estimates no worse. */
function noteTimes(
  stepTimes: StepTimes,
  events: readonly DeployEvent[],
  view: RecordView,
  log: Pick<Logger, "debug">,
): void {
  const likeness = likenessOf(view);
  if (likeness === undefined || !events.some(({ type }) => type === "succeeded")) return;
  stepTimes
    .note(likeness, tookOf(view))
    .catch((error: unknown) => log.debug({ err: error }, "how long a deployment took was not noted"));
}

/** Looks at records that are due, with everything that steps are made of. */
export function startWorking(
  config: Config,
  { timing: changes = {}, leaseMs = LEASE_MS, drainMs = DRAIN_MS, quirks }: WorkingOptions,
  ground: Ground,
  provisionPort: number | undefined,
  log: Logger,
  lifetime: Lifetime,
): void {
  const { agentBoots, database, secrets, nodes, exposures, images, bootloaders } = ground;
  const { redis, hints, bell, metrics, clock } = ground;
  const timing = { ...DEFAULT_TIMING, ...changes };
  const bmcs = createBmcPool({
    sessions: database.sessions(secrets),
    lease: database.lease,
    breaker: database.breaker,
    now: clock,
    quirks: quirks ?? [...QUIRKS, ...ownQuirks(config.quirksFile)],
    timeoutMs: timing.requestLimitMs,
    changeTimeoutMs: timing.requestLimitMs,
    insertTimeoutMs: timing.insertLimitMs,
    onTimed: watchBmcs(metrics),
    // Reports are made of redacted bodies, which cost time.
    ...(log.isLevelEnabled("debug") ? { onExchange: (report) => log.debug(report, "asked a BMC") } : {}),
  });
  lifetime.add("sessions of BMCs", () => bmcs.close());
  const agents = createAgentPool({
    timeoutMs: timing.requestLimitMs,
    onExchange: (exchange) => log.debug(exchange, "asked an agent"),
  });
  lifetime.add("connections to agents", () => agents.close());
  const onKept = watchRecords(metrics, () => database.records.countOpen());
  const parts: Parts = {
    store: database.records,
    hints,
    bell,
    clock,
    leaseMs,
    onKept: (events, view) => {
      onKept(events, view);
      noteTimes(database.stepTimes, events, view, log);
    },
    nodes,
    bmcs,
    examine,
    images: {
      ensure: (...wanted) => images.ensure(...wanted),
      release: (holder) => images.release(holder),
      admit: (request) => images.admit(request),
      resolve: (request) => images.resolve(request),
      check: (request, holder) => images.checkSource(request, holder),
      makeDisc: createDiscMaker(bootloaders),
      admitDisk: async (image, terms) =>
        admitDiskImage(await inspectImage(image.path), { ...terms, permitted: config.images.formats }),
    },
    exposures,
    readCounts: database.readCounts,
    agents: {
      boots: agentBoots,
      formats: config.images.formats,
      ca: config.agent.ca ?? null,
      container: config.agent.container ?? null,
      pullSecret: config.agent.pullSecret ?? null,
      open: (boot) => agents.open(boot),
    },
    inventories: database.inventories,
    blobs: database.requestBlobs(secrets),
    transcripts: database.transcripts,
    seals: secrets,
    provision: {
      urls: config.provision.urls,
      bySite: config.provision.bySite,
      port: provisionPort ?? config.provision.listen.port,
      scheme: "http",
      isForBmcsAlone: config.provision.discSources === "bmc",
    },
    timing,
    isAlone: config.databaseUrl === undefined,
    log,
  };
  const runner = createRunner(parts, createSteps(parts));
  const renewal = createLeaseRenewal({ runner, leaseMs, log });
  lifetime.add("lease renewal", () => renewal.stop());
  const onLook = watchLooks(metrics, config.workers, () => hints.waiting());
  const worker = createWorker({ redis, runner, concurrency: config.workers, onLook, log });
  const roster = joinRoster({ redis, capacity: config.workers, busy: () => worker.busy(), log });
  lifetime.add("place in the roster", () => roster.stop());
  lifetime.add("workers", () => worker.close(drainMs));
  const scheduler = createScheduler({ store: database.records, hints, log });
  lifetime.add("scheduler", () => scheduler.stop());
}
