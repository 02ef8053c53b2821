import { Writable } from "node:stream";
import { pino } from "pino";
import { Registry } from "prom-client";
import { type Api, type ApiParts, createApi } from "../../src/api/index.ts";
import { type AgentImageStore, createIntake } from "../../src/deploy/index.ts";
import { createAgentImages } from "../../src/start/agent-images.ts";
import type { DiscReads } from "../../src/images/index.ts";
import { createMemoryIdempotency, createMemoryRecords, type MemoryRecords, sealNothing } from "./memory.ts";
import { createMemoryFleet } from "./memory-fleet.ts";
import { createMemoryAudit } from "./memory-audit.ts";
import { createMemoryTokens } from "./memory-tokens.ts";
import { createMemoryNodes, type MemoryNodes } from "./memory-nodes.ts";

export const TOKEN = "tl_0123456789abcdefghijklmnopqrstuv";

export interface Running {
  url: string;
  api: Api;
  records: MemoryRecords;
  nodes: MemoryNodes;
  reads: Map<string, DiscReads>;
  idempotency: ReturnType<typeof createMemoryIdempotency>;
  tokens: ReturnType<typeof createMemoryTokens>;
  audit: ReturnType<typeof createMemoryAudit>;
  /** What was logged. */
  logged: string[];
  /** Sends a request with the token. */
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
}

export interface Reply {
  status: number;
  headers: Headers;
  // The tests read what they know to be there.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

const missing = async (): Promise<never> => {
  throw new Error("this test has none");
};
const NO_IMAGES: ApiParts["images"] = {
  ensure: missing,
  release: missing,
  list: missing,
  remove: missing,
  verify: missing,
};

const NO_WEBHOOKS: ApiParts["webhooks"] = {
  add: missing,
  list: missing,
  get: missing,
  remove: missing,
  test: missing,
  deliveries: missing,
  replay: missing,
};

const NO_CAMPAIGNS: ApiParts["campaigns"] = {
  create: missing,
  preview: missing,
  get: missing,
  list: missing,
  nodes: missing,
  events: missing,
  limits: missing,
  pause: missing,
  resume: missing,
  retry: missing,
  cancel: missing,
};

const NO_PHASES = {
  waitingNode: 0,
  parked: 0,
  queued: 0,
  running: 0,
  overdue: 0,
  longestOverdueMs: 0,
};

const running: Api[] = [];

/** Starts an API over memory on a free port; `stopAll` stops it. */
export async function startApi(changes: Partial<ApiParts> = {}): Promise<Running> {
  const records = createMemoryRecords();
  const nodes = createMemoryNodes();
  records.labelsOf = async (nodeId) => (await nodes.find(nodeId))?.labels ?? {};
  const reads = new Map<string, DiscReads>();
  const idempotency = createMemoryIdempotency();
  const tokens = createMemoryTokens();
  const audit = createMemoryAudit();
  const logged: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      logged.push(chunk.toString());
      done();
    },
  });
  const hints = { add: async () => undefined };
  const { bell } = records;
  const store = records as unknown as Parameters<typeof createIntake>[0]["store"];
  const agentImages = createMemoryAgentImages(sealNothing);
  const intake = createIntake({
    store,
    hints,
    bell,
    nodes: nodes as never,
    images: { admit: () => undefined, resolve: async ({ url }) => ({ url }) },
    agentImages,
    blobs: { keep: async () => false, add: missing, find: missing, read: missing },
    seals: sealNothing,
    clock: Date.now,
  });
  const api = createApi({
    nodes,
    fleet: createMemoryFleet(nodes, records),
    intake,
    records,
    transcripts: { read: async () => [] },
    readCounts: { load: async (discId) => reads.get(discId), loadAll: async () => reads },
    images: NO_IMAGES,
    agentImages,
    inventories: { find: async () => undefined },
    blobs: { add: missing, read: missing },
    bell,
    bmcs: { standing: async () => ({ hasSession: false, outage: null }), tryAgain: async () => undefined },
    queue: { queue: async () => null, open: async () => [], phases: async () => NO_PHASES },
    metrics: new Registry(),
    idempotency,
    adminToken: TOKEN,
    tokens,
    audit,
    webhooks: NO_WEBHOOKS,
    campaigns: NO_CAMPAIGNS,
    stepTimes: { find: async () => new Map() },
    upkeep: async () => ({ keys: [], open: 0, kept: [] }),
    requestsPerMinute: 60_000,
    apiProxies: [],
    clock: Date.now,
    isMetricsOpen: false,
    corsOrigins: [],
    readyChecks: [],
    log: pino({ level: "debug" }, sink),
    version: "0.0.0-test",
    ...changes,
    pace: { lookEveryMs: 50, sampleEveryMs: 20, ...changes.pace },
  });
  running.push(api);
  const url = await api.listen({ host: "127.0.0.1", port: 0 });
  const call: Running["call"] = (method, path, body, headers) => send(`${url}${path}`, method, body, headers);
  return { url, api, records, nodes, reads, idempotency, tokens, audit, logged, call };
}

/** For `afterEach`. */
export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((api) => api.close(0)));
}

async function send(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /[/+]json\b/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

export const NODE = {
  name: "rack1-u07",
  bmc: { address: "https://10.0.7.21", username: "root", password: "canary-password" },
};

export const DEPLOYMENT = {
  node: "rack1-u07",
  boot: { iso: { url: "https://images.example/installer.iso" } },
};

/** An API with one node, and a deployment of it. */
export async function startDeployed(changes: Partial<ApiParts> = {}): Promise<Running & { id: string }> {
  const api = await startApi(changes);
  await api.call("POST", "/v1/nodes", NODE);
  const { body } = await api.call("POST", "/v1/deployments", DEPLOYMENT);
  return { ...api, id: body.id as string };
}

/** Plays a deployment to its end. */
export function finish(records: MemoryRecords, id: string): void {
  records.add(id, { type: "started" });
  records.add(id, { type: "succeeded", clean: true, result: null });
}

export const FAILURE = {
  code: "image-not-found",
  message: "GET https://images.example/installer.iso answered 404",
  hint: "Check the URL.",
  retryable: false,
  step: "publish-disc",
  cause: [],
};

/** Plays a deployment to its failure. */
export function failRecord(records: MemoryRecords, id: string): void {
  records.add(id, { type: "started" });
  records.add(id, { type: "failed", error: FAILURE, clean: true, result: null });
}

function createMemoryAgentImages(seals: Parameters<typeof createAgentImages>[1]): ApiParts["agentImages"] {
  let kept: Awaited<ReturnType<AgentImageStore["read"]>> = {};
  const store: AgentImageStore = {
    read: async () => kept,
    write: async (settings) => void (kept = settings),
  };
  return createAgentImages(store, seals, {});
}
