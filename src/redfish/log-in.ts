import { createHash, randomBytes } from "node:crypto";
import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { headerOf, pathOf, stringAt } from "./json.ts";
import type { StoredSession } from "./ports.ts";

export interface Credentials {
  username: string;
  password: string;
}

/** What lets a request in. */
export interface Authorization {
  scheme: "session" | "basic";
  headers: Record<string, string>;
  /** The session behind it; undefined for Basic. */
  stored?: StoredSession;
  /** The service root, where it was read on the way. */
  root?: unknown;
}

/**
 * Creates a session at the BMC; where it has no working session service, Basic is what remains.
 *
 * @param spent the session before, of which the new one is a later generation
 * @throws RedfishError `bmc-access-denied` when the BMC refused the credentials
 */
export async function logIn(
  client: Sender,
  credentials: Credentials,
  spent?: StoredSession,
): Promise<Authorization> {
  const root = (await client.send("GET", "/redfish/v1/")).body;
  const sessions = sessionsOf(root);
  const made = sessions === undefined ? undefined : await createBmcSession(client, sessions, credentials);
  if (made === undefined) return { ...basic(credentials), root };
  const generation = Math.max(Date.now(), (spent?.generation ?? 0) + 1);
  return { ...fromStored({ ...made, generation, madeWith: digest(credentials.password) }), root };
}

export function fromStored(stored: StoredSession): Authorization {
  return { scheme: "session", headers: { "x-auth-token": stored.token }, stored };
}

/** Whether a kept session was made with this password. */
export function wasMadeWith(stored: StoredSession, { password }: Credentials): boolean {
  return stored.madeWith === digest(password, stored.madeWith.split(":")[0]);
}

export function refused(cause: RedfishError): RedfishError {
  return new RedfishError("the BMC refused the log-in", {
    code: "bmc-access-denied",
    retryable: false,
    hint: "Correct bmc.username and bmc.password of the node; no further attempt is made, so that no account is locked.",
    messages: cause.messages,
    ...(cause.status === undefined ? {} : { status: cause.status }),
    cause,
  });
}

/** By `Links.Sessions`, or below the session service where only that is named. */
function sessionsOf(root: unknown): string | undefined {
  const service = stringAt(root, "SessionService", "@odata.id");
  const below = service === undefined ? undefined : `${service.replace(/\/+$/, "")}/Sessions`;
  return stringAt(root, "Links", "Sessions", "@odata.id") ?? below;
}

/** @returns undefined where the session service does not work and Basic is to be tried */
async function createBmcSession(
  client: Sender,
  sessions: string,
  { username, password }: Credentials,
): Promise<Pick<StoredSession, "token" | "resource"> | undefined> {
  try {
    const made = await client.send("POST", sessions, { json: { UserName: username, Password: password } });
    const token = headerOf(made.headers, "x-auth-token");
    if (token === undefined) return undefined;
    const resource = headerOf(made.headers, "location") ?? stringAt(made.body, "@odata.id");
    return { token, resource: resource === undefined ? null : pathOf(resource) };
  } catch (error) {
    if (!(error instanceof RedfishError) || error.status === undefined) throw error;
    if (error.status === 400 || error.code === "bmc-access-denied") throw refused(error);
    // Blocked, broken or full session services are common; Basic still works on most (field notes, 2.1 row 48).
    return undefined;
  }
}

function basic({ username, password }: Credentials): Authorization {
  const encoded = Buffer.from(`${username}:${password}`).toString("base64");
  return { scheme: "basic", headers: { authorization: `Basic ${encoded}` } };
}

function digest(password: string, salt = randomBytes(8).toString("hex")): string {
  return `${salt}:${createHash("sha256").update(`${salt}${password}`).digest("hex")}`;
}
