import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { AgentError } from "./errors.ts";
import { isObject, readBody, readJson, textOf } from "./json.ts";

/** One exchange with an agent, for logs: the token stands in the query, which is therefore left out. */
export interface AgentExchange {
  method: "GET" | "POST";
  /** `/v1/commands/`; without its query. */
  path: string;
  /** `deploy.execute_deploy_step`; null for a read. */
  command: string | null;
  /** Null when no answer came. */
  status: number | null;
  tookMs: number;
}

/** How requests go out. */
export interface Way {
  callbackUrl: string;
  connections: Agent;
  token: string;
  timeoutMs: number;
  onExchange(exchange: AgentExchange): void;
}

export interface Sent {
  method: "GET" | "POST";
  path: string;
  json?: { name: string; params: object };
  /** Largest answer taken; 4 MiB unless told. */
  mostBytes?: number;
}

/** An exchange that ended without an answer. Whether it was received is told by `mayHaveActed`. */
export class Unanswered extends Error {
  readonly mayHaveActed: boolean;
  readonly isLate: boolean;

  constructor(cause: unknown, facts: { mayHaveActed: boolean; isLate: boolean }) {
    super("no answer came", { cause });
    this.mayHaveActed = facts.mayHaveActed;
    this.isLate = facts.isLate;
  }
}

export interface Answer {
  status: number;
  body: unknown;
}

const ANSWER_BYTES = 4 * 1024 * 1024;
/** Failures before a request can have left. */
const NOT_SENT = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"]);

/**
 * Sends one request, once.
 *
 * @throws Unanswered, or AgentError for what came back unreadable or from the wrong peer
 */
export async function sendOnce(sent: Sent, way: Way): Promise<Answer> {
  const startedAt = performance.now();
  let status: number | null = null;
  try {
    const response = await exchange(sent, way);
    status = response.statusCode ?? 0;
    const bytes = await readBody(response, sent.mostBytes ?? ANSWER_BYTES).catch((cause: unknown) => {
      throw new Unanswered(cause, { mayHaveActed: true, isLate: false });
    });
    const body = bytes === undefined ? undefined : readJson(bytes);
    if (body === undefined) response.destroy();
    if (body !== undefined || status >= 400) return { status, body };
    throw unreadable(sent, way, bytes === undefined ? "too large" : "not JSON");
  } finally {
    const tookMs = performance.now() - startedAt;
    const { method, path, json } = sent;
    way.onExchange({ method, path, command: json?.name ?? null, status, tookMs });
  }
}

function exchange(sent: Sent, way: Way): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const url = new URL(sent.path, way.callbackUrl);
  url.searchParams.set("agent_token", way.token);
  const body = sent.json === undefined ? undefined : JSON.stringify(sent.json);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = send(url, {
    method: sent.method,
    agent: way.connections,
    // For the whole of it, the answer's body too.
    signal: AbortSignal.timeout(way.timeoutMs),
    headers: {
      accept: "application/json",
      ...(body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    },
  });
  let isConnected = false;
  request.once("socket", (socket) => {
    // A socket that is reused may be closed by the other side just then, with the request on its way.
    if (request.reusedSocket || !socket.connecting) isConnected = true;
    else socket.once("connect", () => (isConnected = true));
  });
  request.once("response", resolve);
  request.once("error", (error: Error & { code?: string }) => {
    if (error instanceof AgentError && error.code !== "agent-unreachable") return reject(error);
    const isLate = error.name === "TimeoutError" || error.name === "AbortError";
    const neverLeft = error instanceof AgentError || NOT_SENT.has(error.code ?? "") || !isConnected;
    reject(new Unanswered(error, { mayHaveActed: !neverLeft, isLate }));
  });
  request.end(body);
  return promise;
}

/** What an agent says is wrong; empty where it says nothing. */
export function faultOf(body: unknown): string {
  return isObject(body) ? (textOf(body["faultstring"]) ?? "").slice(0, 1_000) : "";
}

/** What was asked of whom, for messages. */
export function whatOf(sent: Sent, way: Way): string {
  return `${sent.json?.name ?? `${sent.method} ${sent.path}`} of the agent at ${way.callbackUrl}`;
}

function unreadable(sent: Sent, way: Way, how: string): AgentError {
  return new AgentError(`the answer to ${whatOf(sent, way)} is ${how}`, {
    code: "agent-answer-unreadable",
    retryable: false,
    hint: "What answers under the agent's address is no ironic-python-agent, or one that is broken.",
  });
}
