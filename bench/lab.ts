import { appendFileSync } from "node:fs";
import {
  asModelMachine,
  type Lab,
  modelMachines,
  type SimulatedBmc,
  startLab,
} from "../test/bmc-simulator/index.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { makeCertificate } from "../test/bmc-simulator/certificate.ts";
import { type ImageServer, type IsoTraffic, startImageServer } from "./image-server.ts";
import { answerParent } from "./peer.ts";
import { type Judgement, judge } from "./proofs.ts";

/** What the process with the simulated BMCs answers: they, their machines, and the web server with the ISO. */
export type LabAnswers = typeof answers;

export interface LabPlan {
  count: number;
  /** How many BMCs other labs have; names go on from there. */
  from: number;
  /** A profile's name, or "mix". */
  profile: string;
  tls: boolean;
  isoBytes: number;
  /** How long each Redfish answer takes. */
  latencyMs: number;
  /** Part of its disc that a machine reads, 0 to 1; as the lab has it unless told. */
  readShare?: number;
  /** Whether the machines start an agent from its disc. */
  hasAgents?: boolean;
  /** Size of the disk image that agents write; 0 for none. */
  imageBytes?: number;
}

/** Where the web server has what an agent's disc is made of. */
export interface AgentImages {
  kernel: { url: string };
  ramdisk: { url: string };
}

/** Steps of the agents: one that is done at once, and one that lasts until it is released. */
export const AGENT_STEPS = { quick: "install", held: "hold" } as const;

/** A machine that takes its time reads this share of its disc, in so many reads. */
const BOOT_SHARE = 0.6;
const READS_OF_A_BOOT = 20;

/** What the lab says of one BMC. */
export interface BmcJudgement extends Judgement {
  /** The node's name. */
  node: string;
  profile: string;
}

/** The node as Trayload's API wants it. */
export interface BenchNode {
  name: string;
  macs?: readonly string[];
  bmc: Record<string, unknown>;
}

let lab: Lab | undefined;
let first = 0;
let isoSizeBytes = 0;
let agents = false;
const sessionsBefore = new Map<string, number>();
let images: ImageServer | undefined;

const answers = {
  async start({ isoBytes, from, readShare, hasAgents = false, imageBytes = 0, ...plan }: LabPlan): Promise<{
    nodes: BenchNode[];
    isoUrl: string;
    diskUrl: string;
    agentImages: AgentImages;
  }> {
    first = from;
    isoSizeBytes = isoBytes;
    agents = hasAgents;
    // Making a certificate for each would be the lab's greatest expense.
    const agent = {
      certificate: makeCertificate(),
      timeScale: 1,
      steps: { install: {}, hold: { isHeld: true } },
      disk: { discards: true },
    };
    const machines = modelMachines({
      script: [],
      ...(hasAgents ? { agent } : {}),
      ...(readShare === undefined ? {} : { readShare }),
    });
    lab = await startLab({ ...plan, machines, username: "root" });
    images = await startImageServer(isoBytes, imageBytes);
    const { origin } = images;
    const agentImages = { kernel: { url: `${origin}/kernel` }, ramdisk: { url: `${origin}/ramdisk` } };
    return {
      nodes: all().map(nodeOf),
      isoUrl: `${origin}/bench.iso`,
      diskUrl: `${origin}/disk.raw`,
      agentImages,
    };
  },

  /** How many machines have an agent in the step that is held. */
  holding: (): number =>
    all().filter(
      ({ bmc }) => asModelMachine(bmc.machine).agent?.executed.at(-1)?.includes("execute") === true,
    ).length,

  /**
   * Lets one agent after another end its step.
   *
   * @returns how long after its heartbeat each got its next command, in milliseconds; null where none came in time
   */
  async release({
    names,
    pauseMs,
  }: {
    names: readonly string[];
    pauseMs: number;
  }): Promise<(number | null)[]> {
    const took: (number | null)[] = [];
    for (const { name, bmc } of all().filter((one) => names.includes(one.name))) {
      const agent = asModelMachine(bmc.machine).agent!;
      const before = { beat: agent.lastBeatMs, command: agent.lastCommandMs };
      agent.releaseSteps();
      for (let turn = 0; agent.lastCommandMs === before.command && turn < 200; turn += 1) await sleep(10);
      const isWoken = agent.lastBeatMs > before.beat && agent.lastCommandMs > before.command;
      took.push(isWoken ? agent.lastCommandMs - agent.lastBeatMs : null);
      if (!isWoken) process.stderr.write(`${name} was not woken\n`);
      await sleep(pauseMs);
    }
    return took;
  },

  /** Begins a deployment's log anew; a machine that has a call-back posts it once it has read its disc. */
  begin(callBacks: Record<string, string>): void {
    for (const { name, bmc } of all()) {
      bmc.forgetLogs();
      sessionsBefore.set(name, bmc.openSessions);
      const callBack = callBacks[name];
      asModelMachine(bmc.machine).behave({ script: callBack === undefined ? [] : [{ callBack }] });
    }
  },

  /**
   * Has a machine of this lab take `bootMs` over its disc at its next boot, and then post its call-back; what its BMC was
   * asked before is forgotten.
   */
  expectBoot({ node, bootMs, callBack }: { node: string; bootMs: number; callBack: string }): void {
    const { bmc } = all().find(({ name }) => name === node) ?? {};
    if (bmc === undefined) return;
    bmc.forgetLogs();
    const readPauseMs = bootMs / READS_OF_A_BOOT;
    const rangeBytes = Math.ceil((BOOT_SHARE * isoSizeBytes) / READS_OF_A_BOOT);
    asModelMachine(bmc.machine).behave({
      script: [{ callBack }],
      readShare: BOOT_SHARE,
      rangeBytes,
      readPauseMs,
    });
  },

  /** Appends every request since `begin` to a file, a line of JSON each. */
  writeLog({ file, phase }: { file: string; phase: string }): void {
    const lines = all().flatMap(({ name, bmc }) =>
      bmc.requests.map((request) => `${JSON.stringify({ phase, node: name, ...request })}\n`),
    );
    appendFileSync(file, lines.join(""));
  },

  /** Judges every BMC by its own log and state. */
  judge: (): BmcJudgement[] => all().map(judgeOne),

  /** How many machines run the system that they booted from their disc. */
  running: (): number => all().filter(({ bmc }) => bmc.machine.bootState === "OSRunning").length,

  /** Keeps the bytes of the ISO back from whoever asks for them. */
  holdIso: (): void => images!.hold(),

  /** Sends them. @returns when, in milliseconds since 1970 */
  sendIso(): number {
    images!.goOn();
    return Date.now();
  },

  isoTraffic: (): IsoTraffic => images!.traffic(),

  /** When each machine that has booted did so last, in milliseconds since 1970. */
  bootTimes: (): number[] => all().flatMap(({ bmc }) => bmc.machine.boots.at(-1)?.at ?? []),

  /** How many requests all BMCs have had since `begin`. */
  requestCount: (): number => all().reduce((sum, { bmc }) => sum + bmc.requests.length, 0),

  /** When the first request came after `since` (both in milliseconds since 1970), by the BMC's name. */
  firstRequests: (since: Record<string, number>): Record<string, number | null> =>
    Object.fromEntries(
      all()
        .filter(({ name }) => name in since)
        .map(({ name, bmc }) => [
          name,
          bmc.requests.find(({ at }) => at >= Math.floor(since[name]!))?.at ?? null,
        ]),
    ),
};

interface Named {
  name: string;
  bmc: SimulatedBmc;
}

/** Labs number their BMCs each from one; nodes need names of their own. */
function all(): Named[] {
  if (lab === undefined) throw new Error("the lab was not started");
  return lab.bmcs.map((bmc, index) => ({ name: `node-${first + index + 1}`, bmc }));
}

function nodeOf({ name, bmc: { address, username, password, fingerprint, macs } }: Named): BenchNode {
  const tls = fingerprint === null ? {} : { tls: { mode: "pin", fingerprint } };
  return { name, ...(agents ? { macs } : {}), bmc: { address, username, password, ...tls } };
}

function judgeOne({ name, bmc }: Named): BmcJudgement {
  const { requests, actions, slots, bootedFrom, lastError, profile } = bmc;
  const judgement = judge(requests, actions, sessionsBefore.get(name));
  const full = slots.filter(({ inserted }) => inserted).map(({ slot }) => `slot ${slot.id} is not empty`);
  const from = agents ? "disk" : "disc";
  const notBooted = bootedFrom?.from === from ? [] : [`the machine has not booted from its ${from}`];
  const broken = lastError === null ? [] : [`the machine says: ${lastError}`];
  const missing = [...judgement.missing, ...full, ...notBooted, ...broken].map((what) => `${name}: ${what}`);
  return { ...judgement, missing, node: name, profile };
}

if (import.meta.main) answerParent(answers, () => Promise.all([lab?.stop(), images?.close()]));
