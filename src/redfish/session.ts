import type { Answer, Exchange, Method, Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { headerOf, stringAt } from "./json.ts";

export interface Credentials {
  username: string;
  password: string;
}

/** A logged-in sender. One serves every caller of a BMC in this process, since BMCs have few sessions to give. */
export interface Session extends Sender {
  /** How it authenticates: a Redfish session where the BMC offers one, else HTTP Basic; undefined before the first use. */
  readonly scheme: "session" | "basic" | undefined;
  /** Ends the BMC's session, if there is one. */
  logOut(): Promise<void>;
}

interface Authorization {
  scheme: "session" | "basic";
  headers: Record<string, string>;
  /** The session's resource, to be deleted at the end. */
  resource?: string;
}

/**
 * Logs in at the first use (DSP0266, "Redfish session login authentication") and again when the token has run out.
 *
 * A refused log-in is remembered, so that a wrong password costs one attempt and locks no account.
 */
export function openSession(client: Sender, credentials: Credentials): Session {
  let current: Promise<Authorization> | undefined;
  let scheme: Authorization["scheme"] | undefined;

  async function logIn(): Promise<Authorization> {
    const made = (await createBmcSession(client, credentials)) ?? basic(credentials);
    scheme = made.scheme;
    return made;
  }

  /** Only a refusal is kept; after any other failure the next caller tries again. */
  function begin(): Promise<Authorization> {
    const attempt = logIn();
    attempt.catch((error: unknown) => {
      const isRefusal = error instanceof RedfishError && error.code === "bmc-access-denied";
      if (current === attempt && !isRefusal) current = undefined;
    });
    return attempt;
  }

  async function send(method: Method, path: string, exchange: Exchange = {}): Promise<Answer> {
    const used = (current ??= begin());
    const authorization = await used;
    try {
      return await client.send(method, path, withHeaders(exchange, authorization.headers));
    } catch (error) {
      if (!(error instanceof RedfishError) || error.status !== 401) throw error;
      if (authorization.scheme === "basic") {
        current = Promise.reject(refused(error));
        return current as Promise<never>;
      }
      // 401 says that nothing was done, so the request may go out again. Whoever comes first logs in for all.
      if (current === used) current = begin();
      const renewed = await (current ??= begin());
      return client.send(method, path, withHeaders(exchange, renewed.headers));
    }
  }

  return {
    get scheme() {
      return scheme;
    },
    send,
    async logOut() {
      const ended = current;
      current = undefined;
      // A log-in that failed has left nothing to end, and its caller has had the error.
      const left = await ended?.catch(() => undefined);
      if (left?.resource !== undefined) await client.send("DELETE", left.resource, { headers: left.headers });
    },
  };
}

/** Creates a session at the BMC; undefined where it has no working session service and Basic is to be tried. */
async function createBmcSession(
  client: Sender,
  credentials: Credentials,
): Promise<Authorization | undefined> {
  const root = await client.send("GET", "/redfish/v1/");
  const sessions = stringAt(root.body, "Links", "Sessions", "@odata.id");
  if (sessions === undefined) return undefined;
  try {
    const json = { UserName: credentials.username, Password: credentials.password };
    const made = await client.send("POST", sessions, { json });
    const token = headerOf(made.headers, "x-auth-token");
    if (token === undefined) return undefined;
    const resource = headerOf(made.headers, "location") ?? stringAt(made.body, "@odata.id");
    return {
      scheme: "session",
      headers: { "x-auth-token": token },
      ...(resource === undefined ? {} : { resource }),
    };
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

function withHeaders(exchange: Exchange, headers: Record<string, string>): Exchange {
  return { ...exchange, headers: { ...exchange.headers, ...headers } };
}

function refused(cause: RedfishError): RedfishError {
  return new RedfishError("the BMC refused the log-in", {
    code: "bmc-access-denied",
    retryable: false,
    hint: "Correct bmc.username and bmc.password of the node; no further attempt is made, so that no account is locked.",
    messages: cause.messages,
    ...(cause.status === undefined ? {} : { status: cause.status }),
    cause,
  });
}
