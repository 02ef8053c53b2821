import type { Answer, Exchange, Method, Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { type Authorization, type Credentials, fromStored, logIn, refused, wasMadeWith } from "./log-in.ts";
import { createMemoryPorts, type Lease, type SessionStore, type StoredSession } from "./ports.ts";

export type { Credentials } from "./log-in.ts";

/** A logged-in sender. One serves every caller of a BMC in this process, since BMCs have few sessions to give. */
export interface Session extends Sender {
  /** How it authenticates: a Redfish session where the BMC offers one, else HTTP Basic; undefined before the first use. */
  readonly scheme: "session" | "basic" | undefined;
  /** Whether the last log-in was refused; it is not tried again then. */
  readonly isRefused: boolean;
  /** The service root, as it was read at the log-in. */
  root(): Promise<unknown>;
  /** Ends the BMC's session, if there is one; only ever one that was made or kept by us. */
  logOut(): Promise<void>;
}

/** Where the session is kept and who may make one. */
export interface Sharing {
  /** Names the BMC and the user. */
  key: string;
  sessions: SessionStore;
  lease: Lease;
}

/** So often one request is repeated with a new session: the newest may have run out at once, as where a BMC restarts. */
const RENEWALS = 2;

/** What a session needs to authorise a request. */
interface Keeping extends Sharing {
  client: Sender;
  credentials: Credentials;
}

/**
 * Logs in at the first use (DSP0266, "Redfish session login authentication") and again when the token has run out.
 *
 * A session that is kept, from an earlier life or by another process, is used before a new one is made. A refused log-in
 * is remembered, so that a wrong password costs one attempt and locks no account.
 */
export function openSession(client: Sender, credentials: Credentials, sharing: Sharing = alone()): Session {
  const keeping: Keeping = { client, credentials, ...sharing };
  let current: Promise<Authorization> | undefined;
  let ending: Promise<void> | undefined;
  let scheme: Authorization["scheme"] | undefined;
  let isRefused = false;
  let root: unknown;

  /** Only a refusal is kept; after any other failure the next caller tries again. */
  function begin(spent?: StoredSession): Promise<Authorization> {
    const attempt = Promise.resolve(ending).then(() => obtain(keeping, spent));
    attempt.then(
      (made) => {
        scheme = made.scheme;
        root = made.root ?? root;
      },
      (error: unknown) => {
        isRefused = error instanceof RedfishError && error.code === "bmc-access-denied";
        if (current === attempt && !isRefused) current = undefined;
      },
    );
    return attempt;
  }

  const dressed = (exchange: Exchange, { headers }: Authorization): Exchange => ({
    ...exchange,
    headers: { ...exchange.headers, ...headers },
    secrets: [credentials.password],
  });

  async function send(method: Method, path: string, exchange: Exchange = {}): Promise<Answer> {
    const spent: StoredSession[] = [];
    for (;;) {
      const used = (current ??= begin(spent.at(-1)));
      const authorization = await used;
      try {
        return await client.send(method, path, dressed(exchange, authorization));
      } catch (error) {
        if (!isUnauthorized(error)) throw error;
        const { scheme: how, stored } = authorization;
        if (how === "basic") {
          isRefused = true;
          current = Promise.reject(refused(error));
          return current as Promise<never>;
        }
        if (stored !== undefined && spent.length === RENEWALS) await leave(spent, stored);
        if (stored === undefined || spent.length === RENEWALS) throw error;
        spent.push(stored);
        // 401 says that nothing was done, so the request may go out again. Whoever comes first logs in for all.
        if (current === used) current = begin(stored);
      }
    }
  }

  /** A 401 time and again is not about the token, which leaves the sessions alive at the BMC: they are ended, not leaked. */
  async function leave(spent: readonly StoredSession[], { token }: StoredSession): Promise<void> {
    for (const one of spent) await dismiss(client, one, token);
  }

  async function end(): Promise<void> {
    // A log-in that failed has left nothing to end, and its caller has had the error.
    const left = await current?.catch(() => undefined);
    if (isRefused) return;
    current = undefined;
    if (left?.stored !== undefined) await forget(keeping, left.stored);
  }

  return {
    get scheme() {
      return scheme;
    },
    get isRefused() {
      return isRefused;
    },
    async root() {
      await (current ??= begin());
      return (root ??= (await client.send("GET", "/redfish/v1/")).body);
    },
    send,
    logOut() {
      const mine = (ending ??= end().finally(() => (ending = undefined)));
      return mine;
    },
  };
}

/**
 * Finds an authorization: a session that is kept and not the spent one, else a new one, made under the lease.
 *
 * @param spent the session that was just answered with 401
 */
async function obtain(keeping: Keeping, spent?: StoredSession): Promise<Authorization> {
  const kept = await findKept(keeping, spent);
  if (kept !== undefined) return fromStored(kept);
  return keeping.lease.hold(keeping.key, async () => {
    // Somebody else may have logged in while this one waited for the lease.
    const found = await findKept(keeping, spent);
    if (found !== undefined) return fromStored(found);
    const made = await logIn(keeping.client, keeping.credentials, spent);
    if (made.stored !== undefined) await keep(keeping, made.stored);
    return made;
  });
}

async function findKept(
  { sessions, key, credentials }: Keeping,
  spent?: StoredSession,
): Promise<StoredSession | undefined> {
  const kept = await sessions.get(key);
  if (kept === undefined || kept.generation === spent?.generation) return undefined;
  return wasMadeWith(kept, credentials) ? kept : undefined;
}

/** A session that cannot be recorded is ended at once: nobody would find it after a restart. */
async function keep({ client, sessions, key }: Keeping, made: StoredSession): Promise<void> {
  try {
    await sessions.put(key, made);
  } catch (error) {
    await dismiss(client, made, made.token);
    throw error;
  }
}

/** The BMC first: a session that is still kept after a failure is found and used, or ended, later. */
async function forget({ client, sessions, key }: Keeping, stored: StoredSession): Promise<void> {
  await dismiss(client, stored, stored.token);
  await sessions.delete(key, stored.generation);
}

async function dismiss(client: Sender, { resource }: StoredSession, token: string): Promise<void> {
  if (resource === null) return;
  try {
    await client.send("DELETE", resource, { headers: { "x-auth-token": token } });
  } catch (error) {
    // It has run out or is gone: that is what was wanted.
    if (!isUnauthorized(error) && !(error instanceof RedfishError && error.status === 404)) throw error;
  }
}

function isUnauthorized(error: unknown): error is RedfishError {
  return error instanceof RedfishError && error.status === 401;
}

function alone(): Sharing {
  return { key: "", ...createMemoryPorts() };
}
