import { Redis, type RedisOptions } from "ioredis";
import { JobsError } from "./errors.ts";
import type { Log } from "./log.ts";
import { takePrivateFolder } from "./private-folder.ts";
import { startRedisChild } from "./redis-child.ts";
import { findRedisServer, jsRedisCommand, redisServerCommand } from "./redis-server.ts";

/** The Redis that carries hints and rings; losing what it holds loses time only. */
export interface RedisHandle {
  kind: "url" | "redis-server" | "js";
  /** A new connection; whoever asked for it ends it. It reconnects by itself for as long as it lives. */
  connect(): Redis;
  /** Whether it answers now, within a second. */
  isReady(): Promise<boolean>;
  /** Process id of a private server; undefined for a given one, and while it is started again. */
  pid(): number | undefined;
  /** Ends the private server; leaves a given one alone. */
  close(): Promise<void>;
}

export interface RedisPlace {
  /** `redis://` or `rediss://`; without it a private server is started. */
  url?: string | undefined;
  /** Folder of the private server; made, and entered by nobody else. */
  folder: string;
  log: Log;
  /** Where programs are looked for; default the variable PATH. */
  path?: string;
  /** How long a given Redis may take to answer at start; default 10 s. */
  limitMs?: number;
}

/** @throws JobsError when none of the three ways leads to an answer */
export function openRedis(place: RedisPlace): Promise<RedisHandle> {
  return place.url === undefined ? startPrivate(place) : openGiven(place.url, place);
}

async function openGiven(url: string, { log, limitMs = 10_000 }: RedisPlace): Promise<RedisHandle> {
  const { host } = new URL(url);
  const open = (manner: Manner) => new Redis(url, manner);
  const problem = await tryToAnswer(open(persistent), limitMs);
  if (problem !== undefined) {
    throw new JobsError(`The Redis at ${host} did not answer within ${limitMs / 1000} s`, {
      code: "redis-unreachable",
      retryable: true,
      hint: "Check TRAYLOAD_REDIS_URL: address, password, and that the server runs",
      cause: problem,
    });
  }
  log.info({ host }, `the queue is in the Redis at ${host}`);
  return { kind: "url", ...connections(open), pid: () => undefined, close: async () => {} };
}

async function startPrivate({ folder: wanted, log, path }: RedisPlace): Promise<RedisHandle> {
  const folder = takePrivateFolder(wanted);
  try {
    const found = await findRedisServer(path ?? process.env["PATH"] ?? "");
    const command = found === undefined ? jsRedisCommand(folder) : redisServerCommand(found.program, folder);
    const child = await startRedisChild(command, folder.socketPath, log);
    log.info({ pid: child.pid() }, describePrivate(found));
    const close = async () => {
      await child.stop();
      folder.release();
    };
    const open = (manner: Manner) => new Redis({ ...manner, path: folder.socketPath });
    const kind = found === undefined ? "js" : "redis-server";
    return { kind, ...connections(open), pid: () => child.pid(), close };
  } catch (error) {
    folder.release();
    throw error;
  }
}

function describePrivate(found: { program: string; version: string } | undefined): string {
  if (found !== undefined)
    return `the queue is in a private redis-server ${found.version} (${found.program})`;
  return (
    "the queue is in memory, in a private JavaScript Redis, as no redis-server 6.2 or newer was found: fit for demos " +
    "and small labs; records are safe in the database, and unfinished ones are queued again at start"
  );
}

/** How a connection meets an outage. */
type Manner = Pick<RedisOptions, "maxRetriesPerRequest" | "retryStrategy">;

/** BullMQ forbids a limit of retries; reconnecting is quick because the usual loss is a private server's restart. */
const persistent: Manner = {
  maxRetriesPerRequest: null,
  retryStrategy: (times) => Math.min(50 * times, 1000),
};
const oneAttempt: Manner = { maxRetriesPerRequest: 0, retryStrategy: () => null };

function connections(open: (manner: Manner) => Redis): Pick<RedisHandle, "connect" | "isReady"> {
  return {
    connect() {
      const client = open(persistent);
      // Whoever uses the connection notices failures in its own calls; without a listener ioredis prints them.
      client.on("error", () => undefined);
      return client;
    },
    isReady: async () => (await tryToAnswer(open(oneAttempt), 1000)) === undefined,
  };
}

/** Ends the connection. @returns what kept it from answering; undefined when it answered */
async function tryToAnswer(client: Redis, limitMs: number): Promise<unknown> {
  let lastError: unknown = new Error("no answer");
  client.on("error", (error) => {
    lastError = error;
  });
  try {
    const late = AbortSignal.timeout(limitMs);
    const answered = await Promise.race([
      client.ping().then(() => true),
      new Promise<false>((resolve) => late.addEventListener("abort", () => resolve(false))),
    ]);
    return answered ? undefined : lastError;
  } catch (error) {
    return error;
  } finally {
    client.disconnect();
  }
}
