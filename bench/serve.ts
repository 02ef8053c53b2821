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

interface Row {
  kind: Kind;
  readers: number;
  /** Ours over nginx's requests, and so bytes, each second: in rounds in which both were read one after the other. */
  ratio: number;
  trayload: Served;
  nginx: Served;
  /** Of the serving process, at the end. */
  rssBytes: number;
}

export interface ServeResult {
  /** The lowest over all counts of readers. */
  ratio: Record<Kind, number>;
  /** Of the serving process, by kind, the highest over all counts of readers. */
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
    const nginx = await startNginx(folder, root);
    closing.push(() => nginx.stop());

    const read = createReader(wrk, disc, options.seconds);
    const trayload = { url: `${ours.url}${disc.path}`, pids: [serving.pid] };
    const beside = { url: `http://127.0.0.1:${nginx.port}${disc.path}`, pids: [nginx.pid] };
    const rows: Row[] = [];
    for (const kind of Object.keys(KINDS) as Kind[])
      for (const readers of options.readers) {
        const row = await compare(
          read,
          { trayload, nginx: beside },
          { kind, readers, rounds: options.rounds },
        );
        rows.push(row);
        tell(JSON.stringify(row));
      }
    await checkCounts(serving, read.bytesOf(trayload.url));

    const readers = 50;
    const one = await read(trayload, "throughput1MiB", readers);
    const second = startPeer<ServingAnswers>(join(import.meta.dirname, "serving.ts"));
    closing.push(() => second.stop());
    await second.ask("start", { dataDir: shareImages(folder, 2), port: ours.port, exposure });
    const both = { ...trayload, pids: [serving.pid, second.pid] };
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

/** Reads both in turns, so that whatever else the machine does strikes both. */
async function compare(
  read: Reader,
  servers: { trayload: Target; nginx: Target },
  { kind, readers, rounds }: { kind: Kind; readers: number; rounds: number },
): Promise<Row> {
  const done: { trayload: Served; nginx: Served }[] = [];
  for (let round = 0; round < rounds; round += 1)
    done.push({
      trayload: await read(servers.trayload, kind, readers),
      nginx: await read(servers.nginx, kind, readers),
    });
  const middle = (whose: "trayload" | "nginx"): Served => ({
    requestsPerSecond: median(done.map((each) => each[whose].requestsPerSecond)),
    cpuSecondsPerGB: median(done.map((each) => each[whose].cpuSecondsPerGB)),
    p99Ms: median(done.map((each) => each[whose].p99Ms)),
  });
  const ratios = done.map((each) => each.trayload.requestsPerSecond / each.nginx.requestsPerSecond);
  const [pid] = servers.trayload.pids;
  const rssBytes = rssOf(pid!, "trayload")["trayload"]!;
  return {
    kind,
    readers,
    ratio: round(median(ratios)),
    trayload: middle("trayload"),
    nginx: middle("nginx"),
    rssBytes,
  };
}

function summarise(rows: readonly Row[]): Pick<ServeResult, "ratio" | "cpuSecondsPerGB"> {
  const by = (pick: (rows: Row[]) => number) =>
    Object.fromEntries(
      Object.keys(KINDS).map((kind) => [kind, pick(rows.filter((row) => row.kind === kind))]),
    ) as Record<Kind, number>;
  return {
    ratio: by((some) => Math.min(...some.map(({ ratio }) => ratio))),
    cpuSecondsPerGB: by((some) => Math.max(...some.map(({ trayload }) => trayload.cpuSecondsPerGB))),
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
