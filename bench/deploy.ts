import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { addUp, median, percentile, round, sum } from "./figures.ts";
import type { BmcJudgement } from "./lab.ts";
import type { Ended } from "./load.ts";
import { cpuSecondsOf, peakRssOf } from "./proc.ts";
import { plan, setStage, type Stage } from "./stage.ts";

export interface DeployOptions {
  nodes: number;
  /** A profile's name, or "mix". */
  profile: string;
  plainHttp: boolean;
  runs: number;
  isoMib: number;
  /** By the agent, rather than from an ISO that calls back. */
  agent?: boolean;
  /** Size of the disk image that the agent writes; without one it runs another step. */
  imageMib?: number;
  /** How long each answer of a BMC takes; as little as it can unless told. */
  latencyMs?: number;
  /** Where the lab writes every request that its BMCs had. */
  requestLog?: string;
  /** What is still written after the last deployment has ended belongs to them, and is waited for; 3 s unless told. */
  aftermathMs?: number;
  /** For the server's Node. */
  nodeArgs: readonly string[];
}

/** One deployment of every node. */
interface Phase {
  deploymentsPerMinute: number;
  latencyMs: { p50: number; p95: number };
  cpuSecondsPerDeployment: number;
  redfishRequestsPerDeployment: number;
  redfishRequestsByProfile: Record<string, number>;
  redfishPollsPerDeployment: number;
  /**
   * How long deployments took from their start, as a multiple of the time that their own requests were under way. It says
   * nothing where BMCs answer at once.
   */
  timeOverRequests?: { p50: number; p95: number };
  /** Of the simulated BMCs and their machines, and of who posts: not Trayload's. */
  otherCpuSecondsPerDeployment: { lab: number; load: number };
}

/** A cold and a warm phase on a server and a lab of their own. */
interface Run {
  deploymentsPerMinute: number;
  latencyMs: { p50: number; p95: number };
  cpuSecondsPerDeployment: number;
  peakRssBytes: Record<string, number>;
  /** Processes that wanted a core in the minute before, the bench's own earlier run among them. */
  loadAverageBefore: number;
  cold: Phase;
  warm: Phase;
}

export interface DeployResult {
  deploymentsPerMinute: number;
  latencyMs: { p50: number; p95: number };
  cpuSecondsPerDeployment: number;
  redfishRequestsPerDeployment: {
    cold: number;
    warm: number;
    /** The most that any BMC of a profile had, in any run. */
    byProfile: Record<string, { cold: number; warm: number }>;
  };
  timeOverRequests?: { p50: number; p95: number };
  redfishPollsPerDeployment: { cold: number; warm: number };
  peakRssBytes: Record<string, number>;
  eachRun: Run[];
}

/** Longer than the read counts wait for company before they are written. */
const AFTERMATH_MS = 3_000;
const LIMIT_MS = 15 * 60_000;

/** Measures so many runs; each figure is the median of the runs. @throws Error when a proof or a deployment is missing */
export async function benchDeploy(
  options: DeployOptions,
  tell: (line: string) => void,
): Promise<DeployResult> {
  const runs: Run[] = [];
  for (let n = 1; n <= options.runs; n += 1) {
    const run = await runOnce(options);
    tell(`run ${n}: ${JSON.stringify(run)}`);
    runs.push(run);
  }
  const middle = (value: (run: Run) => number): number => round(median(runs.map(value)));
  const names = Object.keys(runs[0]!.peakRssBytes);
  return {
    deploymentsPerMinute: middle((run) => run.deploymentsPerMinute),
    latencyMs: { p50: middle((run) => run.latencyMs.p50), p95: middle((run) => run.latencyMs.p95) },
    cpuSecondsPerDeployment: middle((run) => run.cpuSecondsPerDeployment),
    redfishRequestsPerDeployment: {
      cold: middle((run) => run.cold.redfishRequestsPerDeployment),
      warm: middle((run) => run.warm.redfishRequestsPerDeployment),
      byProfile: byProfile(runs),
    },
    ...(options.latencyMs !== undefined && {
      timeOverRequests: { p50: middle((run) => worst(run, "p50")), p95: middle((run) => worst(run, "p95")) },
    }),
    redfishPollsPerDeployment: {
      cold: middle((run) => run.cold.redfishPollsPerDeployment),
      warm: middle((run) => run.warm.redfishPollsPerDeployment),
    },
    peakRssBytes: Object.fromEntries(names.map((name) => [name, middle((run) => run.peakRssBytes[name]!)])),
    eachRun: runs,
  };
}

/** Of the two phases. */
function worst({ cold, warm }: Run, share: "p50" | "p95"): number {
  return Math.max(cold.timeOverRequests![share], warm.timeOverRequests![share]);
}

function byProfile(runs: readonly Run[]): Record<string, { cold: number; warm: number }> {
  const most = (profile: string, phase: "cold" | "warm") =>
    Math.max(...runs.map((run) => run[phase].redfishRequestsByProfile[profile]!));
  const names = Object.keys(runs[0]!.cold.redfishRequestsByProfile).toSorted();
  return Object.fromEntries(
    names.map((name) => [name, { cold: most(name, "cold"), warm: most(name, "warm") }]),
  );
}

async function runOnce(options: DeployOptions): Promise<Run> {
  const { nodes, plainHttp, isoMib, agent: hasAgents = false, imageMib = 0 } = options;
  const imageBytes = hasAgents ? imageMib * 2 ** 20 : 0;
  const loadAverageBefore = round(loadavg()[0]!);
  const stage = await setStage({
    ...options,
    tls: !plainHttp,
    isoBytes: isoMib * 2 ** 20,
    hasAgents,
    imageBytes,
  });
  try {
    const cold = await runPhase(stage, "cold", options);
    const warm = await runPhase(stage, "warm", options);
    return {
      deploymentsPerMinute: round((2 * nodes * 60_000) / (cold.tookMs + warm.tookMs)),
      latencyMs: spread([...cold.latenciesMs, ...warm.latenciesMs]),
      cpuSecondsPerDeployment: round(
        (cold.phase.cpuSecondsPerDeployment + warm.phase.cpuSecondsPerDeployment) / 2,
      ),
      peakRssBytes: peaksOf(stage),
      loadAverageBefore,
      cold: cold.phase,
      warm: warm.phase,
    };
  } finally {
    await stage.stop();
  }
}

interface Measured {
  phase: Phase;
  tookMs: number;
  latenciesMs: number[];
}

/** Deploys every node once, and has the lab judge it. */
async function runPhase(stage: Stage, label: "cold" | "warm", options: DeployOptions): Promise<Measured> {
  const { server, labs, load, names } = stage;
  const { requestLog: log, aftermathMs = AFTERMATH_MS } = options;
  const { wanted, callBacks } = plan(stage, label);
  await Promise.all(labs.map((lab) => lab.ask("begin", callBacks)));
  const before = cpuOf(stage);
  const beganMs = await load.ask("post", wanted);
  await load.ask("untilEnded", { limitMs: LIMIT_MS });
  await sleep(aftermathMs);
  const after = cpuOf(stage);
  const ended = await load.ask("list", label);
  if (log !== undefined)
    await Promise.all(labs.map((lab) => lab.ask("writeLog", { file: log, phase: label })));
  const judgements = (await Promise.all(labs.map((lab) => lab.ask("judge", undefined)))).flat();
  refuse(ended, judgements, names.length, server.pid);
  const tookMs = Math.max(...ended.map(({ endedAt }) => Date.parse(endedAt!))) - beganMs;
  const latenciesMs = ended.map(({ createdAt, endedAt }) => Date.parse(endedAt!) - Date.parse(createdAt));
  const each = (total: number): number => round(total / names.length);
  const phase = {
    deploymentsPerMinute: round((names.length * 60_000) / tookMs),
    latencyMs: spread(latenciesMs),
    cpuSecondsPerDeployment: each(after.server - before.server),
    redfishRequestsPerDeployment: each(sum(judgements.map(({ requests }) => requests))),
    redfishRequestsByProfile: mostByProfile(judgements),
    redfishPollsPerDeployment: each(sum(judgements.map(({ polls }) => polls))),
    ...(options.latencyMs !== undefined && { timeOverRequests: spread(shares(ended, judgements)) }),
    otherCpuSecondsPerDeployment: { lab: each(after.lab - before.lab), load: each(after.load - before.load) },
  };
  return { phase, tookMs, latenciesMs };
}

/** @throws Error that says what is missing, of the first few */
export function refuse(
  ended: readonly Ended[],
  judgements: readonly BmcJudgement[],
  wanted: number,
  pid: number,
): void {
  const failed = ended
    .filter(({ state, clean }) => state !== "succeeded" || clean !== true)
    .map(
      ({ id, node, state, error }) =>
        `${id} of ${node.name} is ${state}, not clean: ${JSON.stringify(error)}`,
    );
  const missing = [...failed, ...judgements.flatMap((one) => one.missing)];
  if (ended.length !== wanted) missing.push(`${ended.length} deployments instead of ${wanted}`);
  if (missing.length > 0)
    throw new Error(
      `the run does not count (server ${pid}): ${missing.length} faults\n${missing.slice(0, 10).join("\n")}`,
    );
}

const spread = (values: readonly number[]) => ({
  p50: round(percentile(values, 0.5)),
  p95: round(percentile(values, 0.95)),
});

function mostByProfile(judgements: readonly BmcJudgement[]): Record<string, number> {
  const most: Record<string, number> = {};
  for (const { profile, requests } of judgements) most[profile] = Math.max(most[profile] ?? 0, requests);
  return most;
}

/** For each deployment, how much longer it took than its own requests; the wait for its turn is not in it. */
function shares(ended: readonly Ended[], judgements: readonly BmcJudgement[]): number[] {
  const busyMs = new Map(judgements.map((one) => [one.node, one.busyMs]));
  return ended.map(
    ({ node, startedAt, endedAt }) =>
      (Date.parse(endedAt!) - Date.parse(startedAt!)) / busyMs.get(node.name)!,
  );
}

function cpuOf({ server, labs, load }: Stage) {
  return {
    server: cpuSecondsOf(server.pid),
    lab: sum(labs.map(({ pid }) => cpuSecondsOf(pid))),
    load: cpuSecondsOf(load.pid),
  };
}

/** Trayload's own processes by their names; the bench's beside them. */
function peaksOf({ server, labs, load }: Stage): Record<string, number> {
  return {
    ...peakRssOf(server.pid, "trayload"),
    ...addUp(labs.map(({ pid }) => peakRssOf(pid, "lab"))),
    ...peakRssOf(load.pid, "load"),
  };
}
