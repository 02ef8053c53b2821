import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeBootloaders } from "../test/product/agent-images.ts";
import { AGENT_STEPS, type AgentImages, type BenchNode, type LabAnswers } from "./lab.ts";
import type { LoadAnswers, Wanted } from "./load.ts";
import type { Kept } from "./past.ts";
import { type Peer, startPeer } from "./peer.ts";
import { databaseFileOf, type Server, startServer } from "./server.ts";

export interface StageOptions {
  nodes: number;
  /** A profile's name, or "mix". */
  profile: string;
  tls: boolean;
  isoBytes: number;
  /** How long each answer of a BMC takes; as little as it can unless told. */
  latencyMs?: number;
  /** Part of its disc that a machine reads, 0 to 1; as the lab has it unless told. */
  readShare?: number;
  /** Whether the machines start an agent from its disc. */
  hasAgents?: boolean;
  /** Size of the disk image that agents write; 0 for none. */
  imageBytes?: number;
  /** For the server's Node. */
  nodeArgs?: readonly string[];
  /** Of a PostgreSQL; without one the server has its SQLite. */
  databaseUrl?: string;
}

/** Trayload, the labs and the load, each a process of its own, with every BMC known as a node. */
export interface Stage {
  server: Server;
  labs: Peer<LabAnswers>[];
  load: Peer<LoadAnswers>;
  names: string[];
  isoUrl: string;
  hasAgents: boolean;
  /** Of the disk image that agents write; null for none. */
  diskUrl: string | null;
  /** Where the server keeps its records. */
  kept: Kept;
  stop(): Promise<void>;
}

/** More BMCs than this in one process run into its limit of open files. */
const BMCS_PER_LAB = 2500;

/** @throws Error when a part cannot start; the others are ended then */
export async function setStage(options: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-bench-"));
  const closing: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true })];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= endAll(closing).finally(() => listen("off")));
  const interrupted = (): void => void stop().finally(() => process.exit(1));
  const listen = (how: "once" | "off"): void => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process[how](signal, interrupted);
  };
  listen("once");
  function start<A extends LabAnswers | LoadAnswers>(module: string): Peer<A> {
    const peer = startPeer<A>(join(import.meta.dirname, module));
    closing.push(() => peer.stop());
    return peer;
  }
  try {
    const labs: Peer<LabAnswers>[] = [];
    const nodes: BenchNode[] = [];
    let isoUrl = "";
    let diskUrl: string | null = null;
    let agentImages: AgentImages | undefined;
    const hasAgents = options.hasAgents === true;
    while (nodes.length < options.nodes) {
      const lab = start<LabAnswers>("lab.ts");
      const plan = {
        ...options,
        latencyMs: options.latencyMs ?? 0,
        count: Math.min(BMCS_PER_LAB, options.nodes - nodes.length),
        from: nodes.length,
      };
      const begun = await lab.ask("start", plan);
      labs.push(lab);
      nodes.push(...begun.nodes);
      isoUrl ||= begun.isoUrl;
      if ((options.imageBytes ?? 0) > 0) diskUrl ??= begun.diskUrl;
      agentImages ??= begun.agentImages;
    }
    const { databaseUrl } = options;
    const settings = {
      ...(hasAgents && { TRAYLOAD_BOOTLOADER_X86_64: makeBootloaders(folder) }),
      ...(databaseUrl !== undefined && { TRAYLOAD_DATABASE_URL: databaseUrl }),
    };
    const kept = databaseUrl === undefined ? { file: databaseFileOf(folder) } : { url: databaseUrl };
    const server = await startServer(folder, options.nodeArgs, settings);
    closing.push(() => server.stop());
    const load = start<LoadAnswers>("load.ts");
    await load.ask("use", { url: server.apiUrl, token: server.token });
    if (hasAgents) await load.ask("setAgentImages", agentImages!);
    await load.ask("addNodes", nodes);
    const names = nodes.map(({ name }) => name);
    return { server, labs, load, names, isoUrl, diskUrl, hasAgents, kept, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function endAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing.toReversed()) await close();
}

/** One deployment for each node, and the URL to which its installer has to post, by the node's name. */
export function plan(stage: Stage, label: string): { wanted: Wanted[]; callBacks: Record<string, string> } {
  if (stage.diskUrl !== null) return { wanted: planWrites(stage, stage.diskUrl, label), callBacks: {} };
  if (stage.hasAgents) return { wanted: planAgents(stage, label, [AGENT_STEPS.quick]), callBacks: {} };
  const callBacks: Record<string, string> = {};
  const wanted = stage.names.map((node) => {
    const callbackSecret = randomBytes(24).toString("base64url");
    callBacks[node] = `${stage.server.provisionUrl}/c/${callbackSecret}`;
    return {
      node,
      boot: { iso: { url: stage.isoUrl } },
      finish: "callback",
      eject: "on-callback",
      callbackSecret,
      labels: { bench: label },
    };
  });
  return { wanted, callBacks };
}

/** One deployment by the agent for each node, with these steps. */
export function planAgents({ names }: Stage, label: string, steps: readonly string[]): Wanted[] {
  const agentSteps = steps.map((step) => ({ interface: "deploy", step }));
  return names.map((node) => ({ node, agentSteps, labels: { bench: label } }));
}

/** One deployment for each node in which the agent writes a disk image that Trayload serves. */
function planWrites({ names }: Stage, url: string, label: string): Wanted[] {
  return names.map((node) => ({ node, write: { image: { url } }, labels: { bench: label } }));
}
