import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Campaigns,
  type CampaignStore,
  createAdmitter,
  createCampaigns,
} from "../src/campaigns/index.ts";
import { type Database, openDatabase } from "../src/database/index.ts";
import { type Bell, createIntake, type Hint, type Intake } from "../src/deploy/index.ts";
import { createNodes, type Nodes } from "../src/nodes/index.ts";
import { percentile, round } from "./figures.ts";

export interface CampaignOptions {
  nodes: number;
  racks: number;
  /** Deployments at once. */
  concurrent: number;
  /** How long each of them takes. */
  deploymentMs: number;
}

export interface CampaignResult {
  /** From the request to its acceptance: every node is judged meanwhile. */
  createMs: number;
  seconds: number;
  deploymentsPerSecond: number;
  /** Of this whole process, which plays the deployments too. */
  cpuMsPerDeployment: number;
  /** One turn of the campaign: what has ended is counted, and who is next is chosen. */
  turns: number;
  turnMs: { p50: number; p95: number; max: number };
  /** The same with a tenth of the nodes, as many racks and as many at once: turns must not grow with the nodes. */
  turnMsOfTenth: { p50: number; p95: number; max: number };
  /** From a deployment's end to the acceptance of the one that takes its place. */
  refillMs: { p50: number; p95: number };
  /** Of a read of the whole campaign's numbers, as a page that watches asks for it. */
  readMs: { p50: number; p95: number };
}

const ISO = "https://images.example/noble.iso";

/**
 * Runs a campaign over so many nodes on SQLite, with all of its own parts: selection, judgement, admission and acceptance.
 * Deployments are played: each ends after its time, so that what is measured is the campaign alone.
 */
export async function benchCampaign(
  options: CampaignOptions,
  tell: (line: string) => void,
): Promise<CampaignResult> {
  const { nodes } = options;
  const few = await runCampaign(
    { ...options, nodes: Math.max(2 * options.concurrent, Math.round(nodes / 10)) },
    tell,
  );
  const { turnMs: turnMsOfTenth } = few;
  return { ...(await runCampaign(options, tell)), turnMsOfTenth };
}

async function runCampaign(
  options: CampaignOptions,
  tell: (line: string) => void,
): Promise<Omit<CampaignResult, "turnMsOfTenth">> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-bench-"));
  const database = await openDatabase({ folder });
  try {
    return await measure(options, database, tell);
  } finally {
    await database.close();
    rmSync(folder, { recursive: true });
  }
}

async function measure(
  { nodes: count, racks, concurrent, deploymentMs }: CampaignOptions,
  database: Database,
  tell: (line: string) => void,
): Promise<Omit<CampaignResult, "turnMsOfTenth">> {
  const bell = createBell();
  const turns: number[] = [];
  const reads: number[] = [];
  const play = playDeployments(database, bell, deploymentMs);
  const { campaigns, intake, nodes, seals } = setUp(database, bell, play.begin);
  await addNodes(nodes, count, racks);
  const create = timed();
  const deployment = { boot: { iso: { url: ISO } } };
  const limits = { concurrent, perRack: Math.ceil(concurrent / racks) };
  const asked = { name: "bench", selector: { site: "ams1" }, deployment, limits };
  const { campaign } = await campaigns.create(asked, { by: "bench", scope: {} });
  const createMs = create();
  tell(`${count} nodes were judged and kept within ${Math.round(createMs)} ms`);
  const cpuBefore = process.cpuUsage();
  const run = timed();
  const admitter = createAdmitter({
    store: timing(database.campaigns, turns),
    intake,
    nodes,
    loads: { measure: async () => undefined },
    seals,
    bell,
    log: { warn: (facts) => tell(JSON.stringify(facts)) },
    atOnce: concurrent,
  });
  for (let isOver = false; !isOver; ) {
    await sleep(250);
    const read = timed();
    const now = await campaigns.get(campaign.id);
    await campaigns.limits(now.campaign);
    reads.push(read());
    isOver = now.campaign.endedAt !== null;
  }
  const seconds = run() / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  await admitter.stop();
  tell(`${count} deployments in ${seconds.toFixed(1)} s, ${turns.length} turns`);
  return {
    createMs: round(createMs),
    seconds: round(seconds),
    deploymentsPerSecond: round(count / seconds),
    cpuMsPerDeployment: round((user + system) / 1000 / count),
    turns: turns.length,
    turnMs: { ...spreadOf(turns), max: round(Math.max(...turns)) },
    refillMs: spreadOf(play.refillsMs(concurrent)),
    readMs: spreadOf(reads),
  };
}

function timed(): () => number {
  const from = performance.now();
  return () => performance.now() - from;
}

const spreadOf = (times: readonly number[]) => ({
  p50: round(percentile(times, 0.5)),
  p95: round(percentile(times, 0.95)),
});

/** The store, of which each turn is timed. */
function timing(store: CampaignStore, turns: number[]): CampaignStore {
  return {
    ...store,
    turn: async (rules) => {
      const turn = timed();
      const result = await store.turn(rules);
      turns.push(turn());
      return result;
    },
  };
}

function createBell(): Bell {
  const listeners = new Set<(id: string) => void>();
  return {
    ring: (id) => listeners.forEach((listener) => listener(id)),
    listen: (onRing) => {
      listeners.add(onRing);
      return () => listeners.delete(onRing);
    },
  };
}

const seals = {
  seal: (plain: string) => plain,
  open: (sealed: string) => sealed,
  derive: () => Buffer.alloc(32),
};

function setUp(
  database: Database,
  bell: Bell,
  onHints: (hints: Hint[]) => void,
): { campaigns: Campaigns; intake: Intake; nodes: Nodes; seals: typeof seals } {
  const clock = () => database.clock();
  const nodes = createNodes({ store: database.nodes, secrets: seals, clock });
  const none = async (): Promise<never> => Promise.reject(new Error("the benchmark has none"));
  const intake = createIntake({
    store: database.records,
    hints: { add: async (hints) => onHints(hints) },
    bell,
    nodes,
    images: { admit: () => undefined, resolve: none },
    agentImages: { read: async () => ({}) },
    blobs: { add: none, find: none, read: none, keep: none },
    seals,
    clock,
  });
  const store = database.campaigns;
  const serverOf = () => "http://images.example";
  const parts = { store, nodes, intake, seals, bell, serverOf, clock, atOnce: Number.POSITIVE_INFINITY };
  return { campaigns: createCampaigns(parts), intake, nodes, seals };
}

async function addNodes(nodes: Nodes, count: number, racks: number): Promise<void> {
  for (let at = 0; at < count; at += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, count - at) }, (_, index) => {
        const number = at + index;
        const bmc = {
          address: `https://10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
          username: "root",
          tls: { mode: "insecure" } as const,
          systemId: null,
        };
        return nodes.add({ name: `node-${number}`, bmc, site: "ams1", rack: `r${number % racks}` }, "secret");
      }),
    );
}

/** Ends each deployment after its time, as the runner would. */
function playDeployments(database: Database, bell: Bell, deploymentMs: number) {
  const begunAt: number[] = [];
  const endedAt: number[] = [];
  const { records } = database;
  const end = async (hint: Hint) => {
    const claim = await records.claim(hint, 60_000);
    if (claim === undefined) return;
    const { view } = claim;
    const at = new Date(claim.nowMs).toISOString();
    const last = view.version + 1;
    await records.commit(claim, {
      events: [{ type: "succeeded", clean: true, result: null, v: 1, seq: last, at }],
      view: { ...view, state: "succeeded", version: last, endedAt: at },
      next: { kind: "end" },
    });
    endedAt.push(performance.now());
    bell.ring(hint.id);
  };
  return {
    begin: (hints: Hint[]) => {
      for (const hint of hints) {
        begunAt.push(performance.now());
        setTimeout(() => void end(hint), deploymentMs);
      }
    },
    /** The place of the first to end is taken by the first to begin behind those that began at once. */
    refillsMs: (concurrent: number) =>
      begunAt.slice(concurrent).map((at, index) => Math.max(0, at - endedAt[index]!)),
  };
}
