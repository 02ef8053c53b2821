import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import type { BmcPool, BmcTarget } from "./bmc.ts";
import { createRedfishClient, type OnExchange, type OnTimed, type RedfishClient } from "./client.ts";
import { createGate, type OriginGate } from "./gate.ts";
import { openBmc } from "./open-bmc.ts";
import { type Breaker, createMemoryPorts, type Lease, queueUp, type SessionStore } from "./ports.ts";
import { type Quirk, QUIRKS } from "./quirks/index.ts";
import { openSession, type Session } from "./session.ts";

/** All may be left out: a process then shares nothing with others. */
export interface PoolOptions {
  sessions?: SessionStore;
  lease?: Lease;
  breaker?: Breaker;
  /** Rows by which BMCs are treated; this room's own by default. */
  quirks?: readonly Quirk[] | undefined;
  /** Told of every exchange with any BMC; nothing in it is secret. For a log, metrics and a dossier. */
  onExchange?: OnExchange;
  /** Told how long every request took; cheap. */
  onTimed?: OnTimed;
  /** Requests in flight per origin; 4 by default, since BMCs are small machines. */
  inFlight?: number;
  /** How long an unused session is kept; 30 s by default. */
  idleMs?: number;
  /** How long `close` waits for BMCs to end their sessions; 5 s by default. */
  logOutMs?: number;
  /** How many BMCs may keep their connections while nobody asks them; 64 by default. */
  idleConnections?: number;
  /** Limit for one exchange that changes nothing; 60 s by default. */
  timeoutMs?: number;
  /**
   * Limit for a whole insert, the BMC's task included; 300 s by default. sushy-tools, for one, downloads all of the
   * disc before it answers.
   */
  insertTimeoutMs?: number;
  /** Limit for any other whole change, the BMC's task included; 60 s by default. */
  changeTimeoutMs?: number;
  /** Limit until a connection stands; 10 s by default. */
  connectMs?: number;
  now?: () => number;
}

/** The pool with what only the process's owner may do. */
export interface SharedBmcPool extends BmcPool {
  /** Forgets that this BMC refused a log-in or could not be reached, so that the next use tries again. */
  reset(address: string): Promise<void>;
}

/** One client and one session of a BMC, for one user under one judgement of its certificate. */
interface Entry {
  client: RedfishClient;
  session: Session;
  /** Uses under way. */
  uses: number;
  timer?: NodeJS.Timeout;
}

type Work<Result> = (session: Session, client: RedfishClient) => Promise<Result>;

/** What all users of an origin share. */
interface Origin {
  gate: OriginGate;
  /** How many clients it has. */
  entries: number;
  localAddress: string | undefined;
}

/**
 * Shares one client and session per BMC and user among all callers.
 *
 * A session is ended when it was not used for 30 s, also while somebody holds a `Bmc`: the next use logs in again. One
 * whose log-in was refused stays in memory, so that a wrong password is tried once until it changes.
 */
export function createBmcPool(options: PoolOptions = {}): SharedBmcPool {
  const memory = createMemoryPorts();
  const { sessions = memory.sessions, lease = memory.lease, breaker = memory.breaker } = options;
  const { idleMs = 30_000, idleConnections = 64, inFlight = 4, logOutMs = 5_000, now = Date.now } = options;
  const limits = {
    insertMs: options.insertTimeoutMs ?? 300_000,
    changeMs: options.changeTimeoutMs ?? 60_000,
  };
  const entries = new Map<string, Entry>();
  /** Unused entries that have connections, the one that rests longest first. */
  const resting = new Set<Entry>();
  const origins = new Map<string, Origin>();
  /** Whoever asks hears what is said on their behalf, log-ins too, though connections and sessions are everybody's. */
  const behalf = new AsyncLocalStorage<{ hear: OnExchange | undefined; traceparent: string | undefined }>();
  /** Nobody may be listening, and reports cost time. */
  const hearer = (): OnExchange | undefined => {
    const own = behalf.getStore()?.hear;
    const { onExchange: all } = options;
    if (own === undefined || all === undefined) return own ?? all;
    return (report) => [own, all].forEach((hear) => hear(report));
  };
  const traced = () => behalf.getStore()?.traceparent;
  const changes = new Map<string, Promise<unknown>>();
  let isClosed = false;

  function originOf(address: string): Origin {
    const { origin } = new URL(address);
    const known = origins.get(origin);
    if (known !== undefined) return known;
    const made = {
      gate: createGate({ origin, limit: inFlight, breaker, now }),
      entries: 0,
      localAddress: undefined,
    };
    origins.set(origin, made);
    return made;
  }

  function entryOf(key: string, target: BmcTarget): Entry {
    const known = entries.get(key);
    if (known !== undefined) return known;
    dropRefused(userOf(target));
    const origin = originOf(target.address);
    origin.entries += 1;
    const client = createRedfishClient({ ...options, ...target, hearer, traced, gate: origin.gate });
    const sharing = { key: userOf(target), sessions, lease };
    const made = { client, session: openSession(client, target.credentials, sharing), uses: 0 };
    entries.set(key, made);
    return made;
  }

  /** Other credentials, or a reset, end the memory of a refusal. */
  function dropRefused(prefix: string): void {
    for (const [key, entry] of entries)
      if (entry.session.isRefused && key.startsWith(`${prefix} `)) drop(key);
  }

  async function use<Result>(key: string, target: BmcTarget, work: Work<Result>) {
    if (isClosed) throw new Error("the pool of BMCs is closed");
    const entry = entryOf(key, target);
    entry.uses += 1;
    resting.delete(entry);
    clearTimeout(entry.timer);
    try {
      return await work(entry.session, entry.client);
    } finally {
      entry.uses -= 1;
      const origin = originOf(target.address);
      origin.localAddress = entry.client.localAddress() ?? origin.localAddress;
      rest(key, entry);
    }
  }

  /** Starts the time after which an unused entry is ended. */
  function rest(key: string, entry: Entry): void {
    clearTimeout(entry.timer);
    if (entry.uses > 0 || isClosed) return;
    entry.timer = setTimeout(() => void retire(key, entry), idleMs);
    entry.timer.unref();
    resting.delete(entry);
    resting.add(entry);
    // A TLS connection takes 200 kB, and thousands of BMCs may be asked within half a minute. Their sessions go on.
    if (resting.size > idleConnections) disconnect(resting.values().next().value!);
  }

  function disconnect(entry: Entry): void {
    resting.delete(entry);
    entry.client.close();
  }

  async function retire(key: string, entry: Entry): Promise<void> {
    // A session that could not be ended stays in the store, where its next user finds it; onExchange saw the failure.
    await entry.session.logOut().catch(() => undefined);
    // Somebody may have come while it ended.
    if (entry.uses > 0) return;
    disconnect(entry);
    if (!entry.session.isRefused) drop(key);
  }

  /** Thousands of BMCs come by; of one that nobody uses only an outage is worth its place. */
  function drop(key: string): void {
    if (!entries.delete(key)) return;
    const name = key.slice(0, key.indexOf(" "));
    const origin = origins.get(name);
    if (origin === undefined) return;
    origin.entries -= 1;
    if (origin.entries === 0 && origin.gate.isOpen()) origins.delete(name);
  }

  return {
    open(target, hear, traceparent) {
      const key = keyOf(target);
      const origin = originOf(target.address);
      return openBmc({
        target,
        limits,
        quirks: options.quirks ?? QUIRKS,
        now,
        withSession: (work) => behalf.run({ hear, traceparent }, () => use(key, target, work)),
        inTurn: (work) => queueUp(changes, `${new URL(target.address).origin} ${target.systemId}`, work),
        alone: (work) => lease.hold(`${new URL(target.address).origin} events`, work),
        localAddress: () => entries.get(key)?.client.localAddress() ?? origin.localAddress,
        release() {
          const entry = entries.get(key);
          if (entry !== undefined) rest(key, entry);
        },
      });
    },
    async reset(address) {
      const { origin } = new URL(address);
      dropRefused(origin);
      await originOf(address).gate.reset();
    },
    async close() {
      isClosed = true;
      for (const entry of entries.values()) clearTimeout(entry.timer);
      const retired = Promise.all([...entries].map(([key, entry]) => retire(key, entry)));
      // A BMC that hangs would hold up the end of the whole process; what it keeps open runs out by itself.
      await endsWithin(retired, logOutMs);
      for (const entry of entries.values()) entry.client.close();
    },
  };
}

async function endsWithin(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}

function userOf({ address, credentials }: BmcTarget): string {
  return `${new URL(address).origin} ${credentials.username}`;
}

/** Tells entries apart in this process; it ends in a digest, since it must not hold the password. */
function keyOf(target: BmcTarget): string {
  const digest = createHash("sha256").update(JSON.stringify([target.credentials.password, target.tls]));
  return `${userOf(target)} ${digest.digest("base64")}`;
}
