import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { percentile, round } from "./figures.ts";
import { keepRunning } from "./keep-running.ts";
import { makePast } from "./past.ts";
import { type Peer, startPeer } from "./peer.ts";
import { cpuSecondsOf, rssOf } from "./proc.ts";
import type { ReaderAnswers } from "./readers.ts";
import { plan, setStage, type Stage } from "./stage.ts";
import { startPostgres } from "../test/postgres/server.ts";

export interface ListsOptions {
  /** Past deployments. */
  count: number;
  /** Deployments that are kept running meanwhile. */
  running: number;
  perSecond: number;
  seconds: number;
  bootSeconds: number;
  /** On a PostgreSQL of the bench's own, in place of SQLite. */
  postgres: boolean;
  plainHttp: boolean;
  nodeArgs: readonly string[];
}

interface Took {
  p50: number;
  p99: number;
  max: number;
}

export interface ListsResult {
  /** Of all requests: from when each was due to its last byte. */
  latencyMs: Took;
  latencyMsByQuery: Record<string, Took>;
  /** Of Trayload, its Redis and, of PostgreSQL, nothing: 1 is one core. */
  cores: number;
  rssBytes: Record<string, number>;
  /** Deployments that ended while it was measured, by outcome. */
  ended: Record<string, number>;
}

/** The past is of so many nodes; those that run are others. */
const PAST_NODES = 5000;
const ISO_BYTES = 2 ** 20;
/** The first seconds compile code and fill caches. */
const WARM_UP_SECONDS = 5;
const DAY_MS = 86_400_000;

/** Reads lists of many past deployments at a fixed rate, while others are under way. */
export async function benchLists(options: ListsOptions, tell: (line: string) => void): Promise<ListsResult> {
  const postgres = options.postgres ? await startPostgres() : undefined;
  try {
    const { running: nodes, plainHttp, nodeArgs } = options;
    const databaseUrl = await postgres?.createDatabase("bench");
    const stage = await setStage({
      nodes,
      profile: "generic",
      tls: !plainHttp,
      isoBytes: ISO_BYTES,
      nodeArgs,
      ...(databaseUrl !== undefined && { databaseUrl }),
    });
    try {
      return await measure(stage, options, tell);
    } finally {
      await stage.stop();
    }
  } finally {
    await postgres?.remove();
  }
}

async function measure(
  stage: Stage,
  options: ListsOptions,
  tell: (line: string) => void,
): Promise<ListsResult> {
  const { count, bootSeconds, perSecond, seconds } = options;
  await deployOne(stage);
  await makePast(stage.kept, { count, nodes: PAST_NODES });
  tell(`${count} deployments have been`);
  const kept = await keepRunning(stage, bootSeconds * 1000);
  tell(`${options.running} deployments are under way`);
  const readers = startPeer<ReaderAnswers>(join(import.meta.dirname, "readers.ts"));
  try {
    const queries = await queriesOf(stage);
    const ask = (forSeconds: number) =>
      readers.ask("ask", { ...asking(stage, queries), perSecond, seconds: forSeconds });
    await ask(WARM_UP_SECONDS);
    const before = { cpu: cpuSecondsOf(stage.server.pid), ended: kept.ended() };
    const took = await ask(seconds);
    const cpu = cpuSecondsOf(stage.server.pid) - before.cpu;
    const ended = Object.entries(kept.ended()).map(([how, n]) => [how, n - (before.ended[how] ?? 0)]);
    const named = Object.keys(queries).map((name, n) => [name, spreadOf(took[n]!)] as const);
    return {
      latencyMs: spreadOf(took.flat()),
      latencyMsByQuery: Object.fromEntries(named),
      cores: round(cpu / seconds),
      rssBytes: rssOf(stage.server.pid, "trayload"),
      ended: Object.fromEntries(ended) as Record<string, number>,
    };
  } finally {
    await stopAll(readers, kept);
  }
}

async function stopAll(readers: Peer<ReaderAnswers>, kept: { stop(): Promise<void> }): Promise<void> {
  await readers.stop();
  await kept.stop();
}

/** The model of all that have been. */
async function deployOne(stage: Stage): Promise<void> {
  const { wanted, callBacks } = plan(stage, "model");
  await Promise.all(stage.labs.map((lab) => lab.ask("begin", callBacks)));
  await stage.load.ask("post", wanted.slice(0, 1));
  await stage.load.ask("untilEnded", { limitMs: 60_000 });
  // An eject may still be written.
  await sleep(500);
}

function asking({ server }: Stage, queries: Record<string, string>) {
  const { apiUrl, token } = server;
  const paths = Object.values(queries).map((query) => `/v1/deployments?limit=50${query}`);
  return { api: { apiUrl, token }, paths };
}

/** What people and programs ask for, by name, each as often as another. */
async function queriesOf({ server }: Stage): Promise<Record<string, string>> {
  const { apiUrl, token } = server;
  const page = await fetch(`${apiUrl}/v1/deployments?limit=500&state=succeeded`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { nextCursor } = (await page.json()) as { nextCursor: string };
  const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
  return {
    newest: "",
    running: "&state=running",
    "unfinished, some fields": "&fields=state,node,error&state=queued,running",
    failed: "&state=failed",
    "failed or cancelled, of one in four": "&state=failed,cancelled&label=team:red",
    "of one in 200": "&label=wave:17",
    "of one in 200, failed": "&label=wave:17&state=failed",
    "of both labels": "&label=team:blue&label=wave:150",
    "of a day, cancelled": `&since=${ago(1)}&state=cancelled`,
    "of 30 days and one in four": `&since=${ago(30)}&label=team:green`,
    "a page behind others": `&cursor=${nextCursor}&state=succeeded`,
    "of one node": "&node=node_00000000000000000000000042",
  };
}

function spreadOf(times: readonly number[]): Took {
  return {
    p50: round(percentile(times, 0.5)),
    p99: round(percentile(times, 0.99)),
    max: round(Math.max(...times)),
  };
}
