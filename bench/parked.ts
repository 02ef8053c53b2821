import { setTimeout as sleep } from "node:timers/promises";
import { percentile, round, sum } from "./figures.ts";
import { cpuSecondsOf, peakRssOf, rssOf } from "./proc.ts";
import { plan, setStage, type Stage } from "./stage.ts";

export interface ParkedOptions {
  count: number;
  plainHttp: boolean;
  /** How long nothing happens while it is measured. */
  idleSeconds: number;
  /** Deployments that are woken. */
  wakes: number;
  nodeArgs: readonly string[];
}

export interface ParkedResult {
  /** Of Trayload's own process, with everything parked. */
  rssBytes: number;
  /** Of all its processes by name. */
  rssBytesOf: Record<string, number>;
  peakRssBytes: Record<string, number>;
  /** Of all its processes, while nothing happens: 1 is one core. */
  idleCores: number;
  /** Redfish requests that all BMCs together had meanwhile, per minute. */
  idleRedfishRequestsPerMinute: number;
  /** From a call-back's post to the first Redfish request of the step that it wakes. */
  wakeMs: { p50: number; p99: number; max: number };
}

const ISO_BYTES = 2 ** 20;
/** Sessions and kept-alive connections of BMCs end within it, and the samples of the last reads are written. */
const SETTLE_MS = 75_000;
const LOOK_MS = 5_000;
/** Between two call-backs: they are to be woken one by one. */
const WAKE_PAUSE_MS = 100;

/** Parks so many deployments in the wait for their call-back, leaves them alone, and wakes some. */
export async function benchParked(
  options: ParkedOptions,
  tell: (line: string) => void,
): Promise<ParkedResult> {
  const { count, plainHttp, nodeArgs } = options;
  const stage = await setStage({
    nodes: count,
    profile: "generic",
    tls: !plainHttp,
    isoBytes: ISO_BYTES,
    nodeArgs,
  });
  try {
    const urls = await park(stage, tell);
    tell(`all are parked; ${SETTLE_MS} ms to settle`);
    await sleep(SETTLE_MS);
    const idle = await measureIdle(stage, options.idleSeconds * 1000);
    const memory = rssOf(stage.server.pid, "trayload");
    const peaks = peakRssOf(stage.server.pid, "trayload");
    tell(`idle: ${JSON.stringify({ ...idle, memory })}`);
    const wakesMs = await wake(stage, urls, options.wakes);
    return {
      rssBytes: memory["trayload"]!,
      rssBytesOf: memory,
      peakRssBytes: peaks,
      ...idle,
      wakeMs: {
        p50: round(percentile(wakesMs, 0.5)),
        p99: round(percentile(wakesMs, 0.99)),
        max: round(Math.max(...wakesMs)),
      },
    };
  } finally {
    await stage.stop();
  }
}

/** @returns the call-back URLs by node, once all wait for them */
async function park(stage: Stage, tell: (line: string) => void): Promise<Record<string, string>> {
  const { labs, load, names } = stage;
  const { wanted, callBacks } = plan(stage, "parked");
  await Promise.all(labs.map((lab) => lab.ask("begin", {})));
  await load.ask("post", wanted);
  for (;;) {
    const running = sum(await Promise.all(labs.map((lab) => lab.ask("running", undefined))));
    if (running === names.length) break;
    tell(`${running} machines run`);
    await sleep(LOOK_MS);
  }
  while ((await load.ask("countWaiting", undefined)) < names.length) await sleep(LOOK_MS);
  return callBacks;
}

async function measureIdle(
  { server, labs }: Stage,
  forMs: number,
): Promise<Pick<ParkedResult, "idleCores" | "idleRedfishRequestsPerMinute">> {
  const count = async (): Promise<number> =>
    sum(await Promise.all(labs.map((lab) => lab.ask("requestCount", undefined))));
  const before = { cpu: cpuSecondsOf(server.pid), requests: await count() };
  await sleep(forMs);
  const cpu = cpuSecondsOf(server.pid) - before.cpu;
  const requests = (await count()) - before.requests;
  return {
    idleCores: round(cpu / (forMs / 1000)),
    idleRedfishRequestsPerMinute: round((requests * 60_000) / forMs),
  };
}

/** @returns how long each took, in milliseconds; the lab's log is exact to one of them */
async function wake(
  { labs, load, names }: Stage,
  urls: Record<string, string>,
  wakes: number,
): Promise<number[]> {
  const chosen = names.toSorted(() => Math.random() - 0.5).slice(0, wakes);
  const some = Object.fromEntries(chosen.map((name) => [name, urls[name]!]));
  const posted = await load.ask("callBack", { urls: some, pauseMs: WAKE_PAUSE_MS });
  await sleep(LOOK_MS);
  const answers = await Promise.all(labs.map((lab) => lab.ask("firstRequests", posted)));
  const first: Record<string, number | null> = Object.assign({}, ...answers);
  return chosen.map((name) => {
    const at = first[name];
    if (at === null || at === undefined) throw new Error(`${name} was woken and its BMC had no request`);
    return Math.max(0, at - posted[name]!);
  });
}
