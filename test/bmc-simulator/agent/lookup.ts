import { setTimeout as delay } from "node:timers/promises";
import { type AgentOptions, type Json, objectAt } from "./options.ts";

/** What the agent knows after its lookup. */
export interface Settings {
  /** The N of the API's `1.N`. */
  version: number;
  nodeUuid: string;
  token: string | undefined;
  heartbeatTimeoutS: number;
}

const WITHOUT_VERSION = 31;
const LOOKUP_TIMEOUT_S = 600;
const LOCKED_WAITS_S = [5, 10, 30];
const TOKEN_LENGTH = 32;

interface Asking {
  log: string[];
  signal: AbortSignal;
  body?: Json;
  apiVersion?: number;
}

/** Asks the API; status 0 when no answer came. */
export async function askApi(
  { apiUrl }: AgentOptions,
  method: "GET" | "POST",
  path: string,
  { log, signal, body, apiVersion }: Asking,
): Promise<{ status: number; body: unknown }> {
  const url = apiUrl.replace(/\/+$/, "") + path;
  const version = apiVersion === undefined ? {} : { "x-openstack-ironic-api-version": `1.${apiVersion}` };
  try {
    const response = await fetch(url, {
      method,
      signal,
      headers: { "content-type": "application/json", accept: "application/json", ...version },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    log.push(`${method} ${url} -> ${response.status}`);
    const text = await response.text();
    return { status: response.status, body: parse(text) };
  } catch (error) {
    log.push(`${method} ${url} failed: ${String(error)}`);
    return { status: 0, body: undefined };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Looks the node up until that works. @returns `exited` after its time, `dead` where it is left without a token */
export async function settingsOf(
  options: AgentOptions,
  {
    log,
    signal,
    scale,
    nodeUuid,
  }: { log: string[]; signal: AbortSignal; scale: number; nodeUuid: string | undefined },
): Promise<Settings | "exited" | "dead"> {
  const until = Date.now() + (options.lookupTimeoutS ?? LOOKUP_TIMEOUT_S) * 1000 * scale;
  const query = new URLSearchParams({ addresses: options.macs.join(",") });
  if (nodeUuid !== undefined) query.set("node_uuid", nodeUuid);
  for (let tries = 0, locked = 0; !signal.aborted; tries += 1) {
    const root = await askApi(options, "GET", "/", { log, signal });
    const version = versionOf(root.body);
    const found = await askApi(options, "GET", `/v1/lookup?${query.toString()}`, {
      log,
      signal,
      apiVersion: Math.min(version, 62),
    });
    const settings = found.status === 200 ? read(found.body, version, options.token) : undefined;
    if (settings !== undefined) return settings;
    if (Date.now() > until) return "exited";
    const lockedS = found.status === 409 ? LOCKED_WAITS_S[Math.min(locked++, 2)]! : 0;
    await delay((lockedS + Math.min(60, 2 ** tries)) * 1000 * scale, undefined, { signal, ref: false }).catch(
      () => {},
    );
  }
  return "exited";
}

function versionOf(root: unknown): number {
  const text = objectAt(root, "default_version")["version"];
  return typeof text === "string" ? Number(text.split(".")[1]) : WITHOUT_VERSION;
}

function read(body: unknown, version: number, ownToken: string | undefined): Settings | "dead" | undefined {
  const uuid = objectAt(body, "node")["uuid"];
  const config = objectAt(body, "config");
  const heartbeatTimeoutS = config["heartbeat_timeout"];
  if (typeof uuid !== "string" || typeof heartbeatTimeoutS !== "number") return undefined;
  const offered = config["agent_token"];
  const known = { version, nodeUuid: uuid, heartbeatTimeoutS };
  if (offered === "******") return ownToken === undefined ? "dead" : { ...known, token: ownToken };
  const isLong = typeof offered === "string" && offered.length >= TOKEN_LENGTH;
  return { ...known, token: isLong ? offered : undefined };
}
