import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "../../src/database/index.ts";
import {
  createIntake,
  createRunner,
  createSteps,
  DEFAULT_TIMING,
  type DeployEvent,
  type DeploymentInput,
  type Hint,
  type InboxItem,
  type Parts,
  type RecordView,
} from "../../src/deploy/index.ts";
import { type DiscReads, type FetchState, NOTHING_READ } from "../../src/images/index.ts";
import type { Node, NodeObserved } from "../../src/nodes/index.ts";
import { createStubBmc, type StubBmc } from "./stub-bmc.ts";

/** A runner with a real database and a stub BMC, whose clock the test moves. */
export interface World {
  stub: StubBmc;
  database: Database;
  parts: Parts;
  node: Node;
  /** What the image store says; a test may change it. */
  image: { fetch: FetchState };
  /** Hints that wait for a look. */
  hints: Hint[];
  submit(input?: Partial<DeploymentInput>): Promise<RecordView>;
  /** Lets the running looks go on without us: their process has died or sleeps, and another takes its place. */
  abandon(): void;
  /** What the runner does every few seconds. */
  beat(): Promise<void>;
  /** Stops the runner. @returns whether all looks came to their end within the limit */
  stop(limitMs: number): Promise<boolean>;
  /** Errors that were told in the log. */
  heard: string[];
  /** Looks until nothing is hinted: the record waits or has ended. */
  look(): Promise<void>;
  /** Moves the clock, turns what is due into hints and looks. */
  pass(ms: number): Promise<void>;
  /** Moves the clock and does nothing: no process ran meanwhile. */
  skip(ms: number): void;
  /** Puts an item into the record's inbox and looks. */
  wake(id: string, item: InboxItem): Promise<void>;
  /** Says what the machine has read of the disc. */
  read(id: string, changes: Partial<DiscReads>): Promise<void>;
  get(id: string): Promise<RecordView>;
  events(id: string): Promise<DeployEvent[]>;
  nowMs(): number;
  close(): Promise<void>;
}

export async function createWorld(
  stub: StubBmc = createStubBmc(),
  changes: Partial<Parts> = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-deploy-"));
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = () => nowMs;
  const database = await openDatabase({ folder, clock, groupMs: 0 });
  const node = plainNode();
  const image = { fetch: { state: "ready", image: { digest: "sha256:00", sizeBytes: 1, path: "/x" } } };
  const hints: Hint[] = [];
  const heard: string[] = [];
  const parts: Parts = {
    store: database.records,
    hints: { add: async (more) => void hints.push(...more) },
    bell: { ring: () => undefined, listen: () => () => undefined },
    clock,
    leaseMs: 30_000,
    nodes: stubNodes(node),
    bmcs: { open: () => stub.bmc, close: async () => undefined },
    examine: async () => [{ check: "reachable", outcome: "pass", detail: "it answers", hint: undefined }],
    images: stubImages(image as World["image"]),
    exposures: database.exposures,
    readCounts: database.readCounts,
    transcripts: database.transcripts,
    agents: {
      boots: database.agentBoots({
        sealing: stubSeals(),
        hints: { add: async (more) => void hints.push(...more) },
      }),
      formats: ["raw"],
      ca: null,
      container: null,
      pullSecret: null,
      open: () => {
        throw new Error("there is no agent here");
      },
    },
    inventories: database.inventories,
    blobs: database.requestBlobs(stubSeals()),
    seals: stubSeals(),
    provision: { urls: [], bySite: new Map(), port: 8090, scheme: "http" },
    timing: DEFAULT_TIMING,
    isAlone: false,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (_facts: object, what: string) => void heard.push(what),
    },
    ...changes,
  } as Parts;
  const steps = createSteps(parts);
  let runner = createRunner(parts, steps);
  const intake = createIntake({ ...parts, agentImages: database.agentImages });
  const world: World = {
    stub,
    database,
    parts,
    node,
    image: image as World["image"],
    hints,
    submit: (input = {}) =>
      intake.deploy(
        { node: node.id, boot: { iso: { url: "http://images/a.iso" } }, ...input },
        { name: "test" },
      ),
    abandon() {
      runner = createRunner(parts, steps);
    },
    beat: () => runner.renewLeases(),
    stop: (limitMs) => runner.stop(limitMs),
    heard,
    async look() {
      for (let hint = hints.shift(); hint !== undefined; hint = hints.shift()) await runner.look(hint);
    },
    async pass(ms) {
      nowMs += ms;
      hints.push(...(await database.records.takeDue(100)));
      await world.look();
    },
    skip(ms) {
      nowMs += ms;
    },
    async wake(id, item) {
      const woken = await database.records.wake(id, item);
      if (typeof woken === "object") hints.push(...woken.hints);
      await world.look();
    },
    async read(id, changes) {
      const disc = (await world.get(id)).facts["disc"] as { id: string };
      await database.readCounts.save(disc.id, "test", {
        ...NOTHING_READ,
        blocks: 10,
        readers: ["127.0.0.1"],
        ...changes,
      });
    },
    get: async (id) => (await database.records.get(id))!,
    events: (id) => database.records.events(id, 0, 1000),
    nowMs: clock,
    async close() {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
  return world;
}

/** As the tracker would tell a machine that has booted from the disc. */
export function bootedAt(ms: number): Partial<DiscReads> {
  const at = new Date(ms).toISOString();
  return { firstReadAt: at, lastReadAt: at, catalogueReadAt: at, bootImageReadAt: at, beyondReadAt: at };
}

function plainNode(): Node {
  return {
    id: "node_1",
    name: "rack1-u07",
    bmc: {
      address: "http://127.0.0.1:8000",
      username: "root",
      tls: { mode: "verify" },
      systemId: null,
    },
    protected: false,
    site: null,
    provisionUrl: null,
    macs: [],
    arch: "x86_64",
    networkData: null,
    rootDevice: null,
    cleaning: { before: false, after: false },
    agent: null,
    observed: { media: null, described: null },
  } as unknown as Node;
}

function stubNodes(node: Node): Parts["nodes"] {
  return {
    find: async (idOrName) => ([node.id, node.name].includes(idOrName) ? node : undefined),
    credentials: async () => ({ username: "root", password: "secret" }),
    pin: async () => undefined,
    sharing: async () => [],
    observe: async (_id: string, seen: Partial<NodeObserved>) => {
      Object.assign(node.observed, seen);
      return undefined;
    },
  };
}

function stubImages(image: World["image"]): Parts["images"] {
  const noBoot = { catalogue: { start: 0, end: 0 }, images: [] };
  return {
    admit: () => undefined,
    resolve: async ({ url }) => ({ url }),
    check: async () => undefined,
    ensure: async () => image.fetch,
    release: async () => undefined,
    makeDisc: async ({ discId, images: { iso } }) => ({
      disc: { id: discId, sizeBytes: iso?.sizeBytes ?? 1, extents: [], etag: "e", boot: noBoot },
      told: [],
      warnings: [],
    }),
    admitDisk: async () => ({ format: "raw", warnings: [] }),
  };
}

/** Not secret at all: the real ones are tested in the nodes room. */
function stubSeals(): Parts["seals"] {
  return {
    seal: (plain, boundTo) => JSON.stringify({ plain, boundTo }),
    open: (sealed) => (JSON.parse(sealed) as { plain: string }).plain,
    derive: (purpose) => createHmac("sha256", "key").update(purpose).digest(),
  };
}
