/** A Redfish session as it is kept between processes and restarts. All of it is secret: encrypt it at rest as one text. */
export interface StoredSession {
  /** What goes into `X-Auth-Token`. */
  token: string;
  /** The session's own resource, which a DELETE ends; null where the BMC named none. */
  resource: string | null;
  /** Rises with every log-in to this BMC, so that a late delete cannot hit a successor. */
  generation: number;
  /** Salted digest of the password that the session was made with: another password must prove itself. */
  madeWith: string;
}

/**
 * Keeps the sessions of BMCs, so that a restart uses them again instead of leaking them and processes share them.
 *
 * `key` names a BMC and a user (`https://10.0.7.21 root`); it holds no secret.
 */
export interface SessionStore {
  get(key: string): Promise<StoredSession | undefined>;
  /** Replaces what was kept under this key. */
  put(key: string, session: StoredSession): Promise<void>;
  /** Deletes what is kept under this key, but only if it still is of this generation. */
  delete(key: string, generation: number): Promise<void>;
}

/** Sees to it that one at a time, of all processes, logs in to a BMC. */
export interface Lease {
  /**
   * Runs `work` while holding the lease of this key, waiting for it first. A holder that died loses it after a time of
   * the implementer's choice, which must be longer than two requests to a BMC may take (2 minutes).
   */
  hold<Result>(key: string, work: () => Promise<Result>): Promise<Result>;
}

/** That a BMC's origin cannot be reached. Times are milliseconds since the epoch. */
export interface Outage {
  /** Connection-level failures in a row. */
  failures: number;
  /** When the first of them was. */
  sinceMs: number;
  /** Nobody tries before this. */
  nextTryMs: number;
}

/** Remembers, for all processes, which origins cannot be reached. Written only as an outage begins, grows and ends. */
export interface Breaker {
  get(origin: string): Promise<Outage | undefined>;
  put(origin: string, outage: Outage): Promise<void>;
  delete(origin: string): Promise<void>;
}

/** The ports of one process that shares nothing. */
export function createMemoryPorts(): { sessions: SessionStore; lease: Lease; breaker: Breaker } {
  const sessions = new Map<string, StoredSession>();
  const outages = new Map<string, Outage>();
  const holders = new Map<string, Promise<unknown>>();
  return {
    sessions: {
      get: async (key) => sessions.get(key),
      put: async (key, session) => void sessions.set(key, session),
      async delete(key, generation) {
        if (sessions.get(key)?.generation === generation) sessions.delete(key);
      },
    },
    lease: { hold: (key, work) => queueUp(holders, key, work) },
    breaker: {
      get: async (origin) => outages.get(origin),
      put: async (origin, outage) => void outages.set(origin, outage),
      delete: async (origin) => void outages.delete(origin),
    },
  };
}

/** Runs works of one key one after another, whatever becomes of those before. */
export async function queueUp<Result>(
  queues: Map<string, Promise<unknown>>,
  key: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const mine = (queues.get(key) ?? Promise.resolve()).then(work, work);
  queues.set(key, mine);
  try {
    return await mine;
  } finally {
    if (queues.get(key) === mine) queues.delete(key);
  }
}
