import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  asModelMachine,
  type Lab,
  modelMachines,
  type SimulatedBmc,
  startLab,
} from "../test/bmc-simulator/index.ts";
import { makeTinyIso } from "../test/media/tiny-iso.ts";
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
}

/** What the lab says of one BMC. */
export interface BmcJudgement extends Judgement {
  /** The node's name. */
  node: string;
  profile: string;
}

/** The node as Trayload's API wants it. */
export interface BenchNode {
  name: string;
  bmc: Record<string, unknown>;
}

let lab: Lab | undefined;
let first = 0;
const sessionsBefore = new Map<string, number>();
let closeIso = async (): Promise<void> => {};

const answers = {
  async start({ isoBytes, from, ...plan }: LabPlan): Promise<{ nodes: BenchNode[]; isoUrl: string }> {
    first = from;
    lab = await startLab({ ...plan, machines: modelMachines({ script: [] }), username: "root" });
    return { nodes: all().map(nodeOf), isoUrl: await serveIso(isoBytes) };
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

function nodeOf({ name, bmc: { address, username, password, fingerprint } }: Named): BenchNode {
  const tls = fingerprint === null ? {} : { tls: { mode: "pin", fingerprint } };
  return { name, bmc: { address, username, password, ...tls } };
}

function judgeOne({ name, bmc }: Named): BmcJudgement {
  const { requests, actions, slots, bootedFrom, lastError, profile } = bmc;
  const judgement = judge(requests, actions, sessionsBefore.get(name));
  const full = slots.filter(({ inserted }) => inserted).map(({ slot }) => `slot ${slot.id} is not empty`);
  const notBooted = bootedFrom?.from === "disc" ? [] : ["the machine has not booted from its disc"];
  const broken = lastError === null ? [] : [`the machine says: ${lastError}`];
  const missing = [...judgement.missing, ...full, ...notBooted, ...broken].map((what) => `${name}: ${what}`);
  return { ...judgement, missing, node: name, profile };
}

/** A web server as images lie on. @returns the ISO's URL */
async function serveIso(sizeBytes: number): Promise<string> {
  const iso = makeTinyIso({ sizeBytes });
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-length": iso.length, etag: '"bench"' });
    response.end(request.method === "HEAD" ? undefined : iso);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeIso = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/bench.iso`;
}

if (import.meta.main) answerParent(answers, () => Promise.all([lab?.stop(), closeIso()]));
