import { Agent, request as send } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentImages, BenchNode } from "./lab.ts";
import { answerParent } from "./peer.ts";

/** What the process that plays people, pipelines and installers answers. */
export type LoadAnswers = typeof answers;

/** One deployment to ask for. */
export type Wanted = Record<string, unknown>;

/** One deployment as the API shows it at the end. */
export interface Ended {
  id: string;
  node: { name: string };
  state: string;
  clean: boolean | null;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  error: { code: string; message: string } | null;
}

/** Posts under way at once. */
const POSTS_AT_ONCE = 16;
/** Between two looks whether all have ended. */
const LOOK_MS = 250;
const FIELDS = "id,node,state,clean,createdAt,startedAt,endedAt,error";

let api = { url: "", token: "" };
const agent = new Agent({ keepAlive: true, maxSockets: POSTS_AT_ONCE });

const answers = {
  use(given: { url: string; token: string }): void {
    api = given;
  },

  async addNodes(nodes: readonly BenchNode[]): Promise<void> {
    begin();
    await forAll(nodes, (node) => call("POST", "/v1/nodes", 201, node));
  },

  /** Names the images of which the discs of agents are made. */
  async setAgentImages(images: AgentImages): Promise<void> {
    begin();
    await call("PUT", "/v1/settings/agent-images", 200, { x86_64: images });
  },

  /** @returns when the first was posted, in milliseconds since 1970 */
  async post(wanted: readonly Wanted[]): Promise<number> {
    begin();
    const began = Date.now();
    await forAll(wanted, (one) => call("POST", "/v1/deployments", 202, one));
    return began;
  },

  /** Waits until no deployment is unfinished. @throws Error after `limitMs` */
  async untilEnded({ limitMs }: { limitMs: number }): Promise<void> {
    const until = Date.now() + limitMs;
    while ((await list("state=queued,running&limit=1&fields=id")).length > 0) {
      if (Date.now() > until) throw new Error(`deployments are unfinished after ${limitMs} ms`);
      await sleep(LOOK_MS);
    }
  },

  /** All deployments with this label. */
  async list(label: string): Promise<Ended[]> {
    begin();
    return listAll(`label=bench:${label}&fields=${FIELDS}`);
  },

  /** How many deployments wait for their installer's call-back. */
  async countWaiting(): Promise<number> {
    begin();
    const all = await listAll("state=running&fields=waitingOn");
    return all.filter((one) => one.waitingOn?.what === "the installer's call-back").length;
  },

  /** Posts call-backs one after another. @returns when each was posted, by name, in milliseconds since 1970 */
  async callBack({
    urls,
    pauseMs,
  }: {
    urls: Record<string, string>;
    pauseMs: number;
  }): Promise<Record<string, number>> {
    begin();
    const posted: Record<string, number> = {};
    for (const [name, url] of Object.entries(urls)) {
      posted[name] = performance.timeOrigin + performance.now();
      await exchange("POST", url, {}, undefined);
      await sleep(pauseMs);
    }
    return posted;
  },
};

/** Nothing goes out on a connection that rested: the server may be closing it at this moment. */
function begin(): void {
  agent.destroy();
}

async function forAll<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  const takeTurns = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: POSTS_AT_ONCE }, takeTurns));
}

async function list(query: string): Promise<unknown[]> {
  return (await call<{ items: unknown[] }>("GET", `/v1/deployments?${query}`, 200)).items;
}

type Listed = Ended & { waitingOn: { what: string } | null };

async function listAll(query: string): Promise<Listed[]> {
  const found: Listed[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const from: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const page: { items: Listed[]; nextCursor: string | null } = await call(
      "GET",
      `/v1/deployments?limit=500&${query}${from}`,
      200,
    );
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found;
}

/** Waits where the API's rate says so. @throws Error with the API's own words when it answers another status */
async function call<T>(method: string, path: string, wanted: number, body?: unknown): Promise<T> {
  const headers = { authorization: `Bearer ${api.token}`, "content-type": "application/json" };
  const { status, text, retryAfterMs } = await exchange(method, api.url + path, headers, body);
  if (status === 429) {
    await sleep(retryAfterMs);
    return call(method, path, wanted, body);
  }
  if (status !== wanted) throw new Error(`${method} ${path} was answered ${status}: ${text}`);
  return JSON.parse(text) as T;
}

function exchange(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: unknown,
): Promise<{ status: number; text: string; retryAfterMs: number }> {
  const content = body === undefined ? "" : JSON.stringify(body);
  const all = { ...headers, "content-length": Buffer.byteLength(content) };
  return new Promise((resolve, reject) => {
    const asked = send(url, { method, headers: all, agent }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      const retryAfterMs = Number(answer.headers["retry-after"] ?? 1) * 1000;
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text, retryAfterMs }));
      answer.on("error", reject);
    });
    asked.on("error", reject).end(content);
  });
}

if (import.meta.main) answerParent(answers);
