import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { median, round } from "./figures.ts";
import { startNginx } from "./nginx.ts";
import { type Peer, startPeer } from "./peer.ts";
import { cpuSecondsOf, rssOf } from "./proc.ts";
import { dataDirOf, makeServedDisc, shareImages, type ServedDisc } from "./served-disc.ts";
import type { ServingAnswers } from "./serving.ts";
import { openWrk, type Wrk } from "./wrk.ts";

export interface ServeOptions {
  ramdiskMib: number;
  /** How long each server is read in each way. */
  seconds: number;
  /** How often; each figure is the median. */
  rounds: number;
  readers: number[];
  /** For the Node of the process that serves. */
  nodeArgs: readonly string[];
}

const KINDS = {
  throughput1MiB: { rangeBytes: 2 ** 20, order: "sequential" },
  requests64KiB: { rangeBytes: 64 * 1024, order: "random" },
  requests2KiB: { rangeBytes: 2048, order: "random" },
} as const;
type Kind = keyof typeof KINDS;

/** What one server gave to so many readers. */
interface Served {
  requestsPerSecond: number;
  cpuSecondsPerGB: number;
  p99Ms: number;
}

/** The same file served by nginx, whose kernel hands it to the socket, and by nginx that copies it, as every user of TLS does. */
const SERVERS = ["trayload", "nginx", "nginxCopying"] as const;
type Server = (typeof SERVERS)[number];

interface Row extends Record<Server, Served> {
  kind: Kind;
  readers: number;
  /** Ours over nginx's requests, and so bytes, each second: median of rounds in which all were read one after the other. */
  ratio: number;
  ratioToCopying: number;
  /** Of the serving process, at the end. */
  rssBytes: number;
}

/** At this count of readers, whose bytes one process can still send without keeping them waiting. */
const USUAL_READERS = 50;

export interface ServeResult {
  /** At 50 readers, or where these were not measured at the first count that was. */
  ratio: Record<Kind, number>;
  ratioToCopying: Record<Kind, number>;
  /** Of the serving process. */
  cpuSecondsPerGB: Record<Kind, number>;
  rows: Row[];
  /** Two processes on one port beside one, 1 MiB ranges. */
  twoProcesses: { readers: number; one: Served; two: Served; cpuRatio: number };
}

/** Of what a server's counts may lack of what was read, for the answers under way when its readers left. */
const UNCOUNTED_SHARE = 0.02;
const FLUSH_MS = 2_500;

/** Reads one disc from our provisioning listener and, as a plain file, from nginx. */
export async function benchServe(options: ServeOptions, tell: (line: string) => void): Promise<ServeResult> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-serve-"));
  const closing: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true })];
  try {
    tell("making the disc");
    const disc = await makeServedDisc(folder, options.ramdiskMib);
    const wrk = await openWrk(folder);
    const serving = startPeer<ServingAnswers>(join(import.meta.dirname, "serving.ts"), options.nodeArgs);
    closing.push(() => serving.stop());
    const { exposure } = disc;
    const ours = await serving.ask("start", { dataDir: dataDirOf(folder, 1), port: 0, exposure });
    const root = join(folder, "www");
    await copy(`${ours.url}${disc.path}`, root, disc.path);
    const startOther = async (sendfile: "on" | "off"): Promise<Target> => {
      const nginx = await startNginx(root, sendfile);
      closing.push(() => nginx.stop());
      return { url: `http://127.0.0.1:${nginx.port}${disc.path}`, pids: [nginx.pid] };
    };
    const read = createReader(wrk, disc, options.seconds);
    const trayload = { url: `${ours.url}${disc.path}`, pids: [serving.pid] };
    const targets = { trayload, nginx: await startOther("on"), nginxCopying: await startOther("off") };
    const rows: Row[] = [];
    for (const kind of Object.keys(KINDS) as Kind[])
      for (const readers of options.readers) {
        const row = await compare(read, targets, { kind, readers, rounds: options.rounds });
        rows.push(row);
        tell(JSON.stringify(row));
      }
    await checkCounts(serving, read.bytesOf(trayload.url));

    const readers = USUAL_READERS;
    const one = await read(trayload, "throughput1MiB", readers);
    const second = startPeer<ServingAnswers>(join(import.meta.dirname, "serving.ts"));
    closing.push(() => second.stop());
    await second.ask("start", { dataDir: shareImages(folder, 2), port: ours.port, exposure });
    const both = { ...trayload, pids: [serving.pid, second.pid] };
    // What it has not done a thousand times costs it more.
    await read(both, "throughput1MiB", readers);
    const two = await read(both, "throughput1MiB", readers);
    const twoProcesses = { readers, one, two, cpuRatio: round(two.cpuSecondsPerGB / one.cpuSecondsPerGB) };
    return { ...summarise(rows), rows, twoProcesses };
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

interface Target {
  url: string;
  pids: number[];
}

interface Reader {
  (target: Target, kind: Kind, readers: number): Promise<Served>;
  bytesOf(url: string): number;
}

function createReader(wrk: Wrk, { sizeBytes }: ServedDisc, seconds: number): Reader {
  const totals = new Map<string, number>();
  async function read({ url, pids }: Target, kind: Kind, readers: number): Promise<Served> {
    const { rangeBytes, order } = KINDS[kind];
    const cpuOf = () => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
    const before = cpuOf();
    const done = await wrk.read({ url, rangeBytes, order, readers, seconds, sizeBytes });
    const bytes = done.requests * rangeBytes;
    totals.set(url, (totals.get(url) ?? 0) + bytes);
    return {
      requestsPerSecond: round(done.requests / done.seconds),
      cpuSecondsPerGB: round((cpuOf() - before) / (bytes / 1e9)),
      p99Ms: round(done.p99Ms),
    };
  }
  return Object.assign(read, { bytesOf: (url: string) => totals.get(url) ?? 0 });
}

/** Reads all in turns, so that whatever else the machine does strikes each. */
async function compare(
  read: Reader,
  targets: Record<Server, Target>,
  { kind, readers, rounds }: { kind: Kind; readers: number; rounds: number },
): Promise<Row> {
  const done: Record<Server, Served>[] = [];
  for (let count = 0; count < rounds; count += 1) {
    const served = await inTurn(SERVERS, (server) => read(targets[server], kind, readers));
    done.push(served);
  }
  const middle = (value: (served: Record<Server, Served>) => number): number =>
    round(median(done.map(value)));
  const over = (other: Server): number =>
    middle((served) => served.trayload.requestsPerSecond / served[other].requestsPerSecond);
  const served = await inTurn(SERVERS, async (server) => ({
    requestsPerSecond: middle((each) => each[server].requestsPerSecond),
    cpuSecondsPerGB: middle((each) => each[server].cpuSecondsPerGB),
    p99Ms: middle((each) => each[server].p99Ms),
  }));
  const rssBytes = rssOf(targets.trayload.pids[0]!, "trayload")["trayload"]!;
  return { kind, readers, ratio: over("nginx"), ratioToCopying: over("nginxCopying"), ...served, rssBytes };
}

async function inTurn<Name extends string, Value>(
  names: readonly Name[],
  make: (name: Name) => Promise<Value>,
): Promise<Record<Name, Value>> {
  const made: [Name, Value][] = [];
  for (const name of names) made.push([name, await make(name)]);
  return Object.fromEntries(made) as Record<Name, Value>;
}

function summarise(rows: readonly Row[]): Pick<ServeResult, "ratio" | "ratioToCopying" | "cpuSecondsPerGB"> {
  const by = (pick: (row: Row) => number): Record<Kind, number> => {
    const ofKind = (kind: string): Row[] => rows.filter((row) => row.kind === kind);
    const usual = (some: Row[]): Row => some.find(({ readers }) => readers === USUAL_READERS) ?? some[0]!;
    return Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, pick(usual(ofKind(kind)))])) as Record<
      Kind,
      number
    >;
  };
  return {
    ratio: by(({ ratio }) => ratio),
    ratioToCopying: by(({ ratioToCopying }) => ratioToCopying),
    cpuSecondsPerGB: by(({ trayload }) => trayload.cpuSecondsPerGB),
  };
}

/** Serves as files what we serve: the same bytes, read from us. */
async function copy(url: string, root: string, path: string): Promise<void> {
  const file = join(root, path);
  mkdirSync(join(file, ".."), { recursive: true });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false }, resolve).on("error", reject);
  });
  if (response.statusCode !== 200) throw new Error(`${url} was answered with ${response.statusCode}`);
  await pipeline(response, createWriteStream(file));
}

/** @throws Error when what was read was not counted: a server that counts less would be quicker */
async function checkCounts(serving: Peer<ServingAnswers>, bytes: number): Promise<void> {
  await sleep(FLUSH_MS);
  const counted = (await serving.ask("reads", undefined))?.totalBytes ?? 0;
  if (counted < bytes * (1 - UNCOUNTED_SHARE))
    throw new Error(`${counted} of ${bytes} bytes that were read were counted`);
}
