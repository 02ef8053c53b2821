import type { Logger } from "pino";
import type { Config, Role } from "./config.ts";
import type { Timing } from "./deploy/index.ts";
import { createLog } from "./log.ts";
import type { Quirk } from "./redfish/index.ts";
import { startAdmitting } from "./start/admitting.ts";
import { startDispatching } from "./start/dispatching.ts";
import { takeAdminToken } from "./start/admin-token.ts";
import { openGround } from "./start/ground.ts";
import { createLifetime, type Lifetime } from "./start/lifetime.ts";
import { startApi, startProvision, VERSION } from "./start/listeners.ts";
import { startMemoryReturn } from "./start/memory.ts";
import { startMetricsListener } from "./start/metrics-listener.ts";
import { startResealing } from "./start/keys.ts";
import { startRetaining } from "./start/retaining.ts";
import { startWorking } from "./start/working.ts";

/** The running program. */
export interface Trayload {
  /** Base URL of the API on this machine; undefined where this process has not that role. */
  apiUrl: string | undefined;
  /** Base URL of the provisioning listener on this machine; undefined where this process has not that role. */
  provisionUrl: string | undefined;
  /** The same over TLS, where it has a certificate. */
  provisionTlsUrl: string | undefined;
  /** Where metrics are shown without a token; undefined where nobody asked for that. */
  metricsUrl: string | undefined;
  /** `file` is where people find the token; null for a token that was given. */
  admin: { token: string; file: string | null; isNew: boolean };
  /** Lets looks that are under way end, then ends everything. A second call waits for the first. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Default: one of the config's level on standard error. */
  log?: Logger;
  /** Other waits than the usual, for tests that cannot wait as long as firmware does. */
  timing?: Partial<Timing>;
  /** How long a claim holds without renewal, in milliseconds: whoever dies is followed after it. 30 s unless told. */
  leaseMs?: number;
  /** How long a stop waits for looks that are under way, in milliseconds; 15 s unless told. */
  drainMs?: number;
  /** Rows by which BMCs are treated, in place of those that Trayload has. */
  quirks?: readonly Quirk[];
}

/**
 * Builds every part from one frozen config, starts them, and stops them in reverse, also when one of them cannot start.
 *
 * @throws the room's own error, with what to do about it
 */
export async function startTrayload(config: Config, options: StartOptions = {}): Promise<Trayload> {
  const log = options.log ?? createLog({ level: config.logLevel });
  const lifetime = createLifetime(log);
  try {
    return await start(config, options, log, lifetime);
  } catch (error) {
    await lifetime.stop();
    throw error;
  }
}

async function start(
  config: Config,
  options: StartOptions,
  log: Logger,
  lifetime: Lifetime,
): Promise<Trayload> {
  const has = (role: Role) => config.roles.includes(role);
  const ground = await openGround(config, log, lifetime);
  const listener = has("provision") ? await startProvision(config, ground, log, lifetime) : undefined;
  if (has("worker")) startDispatching(config, ground, log, lifetime);
  if (has("worker")) startRetaining(config, ground, log, lifetime);
  if (has("worker")) startResealing(ground.database.resealing(ground.secrets), ground.secrets, log, lifetime);
  if (has("worker")) startWorking(config, options, ground, listener?.port, log, lifetime);
  if (has("worker")) startAdmitting(config, options, ground, log, lifetime);
  const { metricsListen } = config;
  const metricsUrl = metricsListen && (await startMetricsListener(metricsListen, ground.metrics, lifetime));
  const admin = takeAdminToken(config.adminToken, config.dataDir);
  const apiUrl = has("api") ? await startApi(config, ground, admin.token, log, lifetime) : undefined;
  const memory = startMemoryReturn();
  lifetime.add("return of memory", () => memory.stop());
  log.info({ version: VERSION, roles: config.roles }, "trayload runs");
  const { url: provisionUrl, tlsUrl: provisionTlsUrl } = listener ?? {};
  return { apiUrl, provisionUrl, provisionTlsUrl, metricsUrl, admin, stop: () => lifetime.stop() };
}
