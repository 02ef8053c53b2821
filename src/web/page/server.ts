import type { SessionAnswer } from "../../client/index.ts";

/** A refusal of the API, in its own words. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;

  constructor(status: number, problem: { code?: string; detail?: string; title?: string; hint?: string }) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.hint = problem.hint ?? null;
  }
}

/** The server could not be asked. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
  override readonly message = "The server does not answer.";
}

export interface Server {
  /** @throws Refusal, Unreachable */
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  /** Each call is one intent: a repetition by the browser or a proxy does nothing twice. @throws Refusal, Unreachable */
  post<T>(path: string, body: unknown): Promise<T>;
  /** @throws Refusal, Unreachable */
  patch<T>(path: string, body: unknown): Promise<T>;
  /** @throws Refusal, Unreachable */
  remove(path: string): Promise<void>;
  logIn(token: string): Promise<SessionAnswer>;
  logOut(): Promise<void>;
  session(): Promise<SessionAnswer>;
}

const SESSION = "/v1/session";
const JSON_TYPE = { "content-type": "application/json" };

/** @param onLoggedOut called when the server no longer knows the session */
export function createServer(fetch: typeof globalThis.fetch, onLoggedOut: () => void): Server {
  const ask = async <T>(path: string, init: RequestInit): Promise<T> => {
    const response = await fetch(path, init).catch((error: unknown) => {
      throw init.signal?.aborted === true ? error : new Unreachable();
    });
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    const body = (isJson ? await response.json() : {}) as T;
    if (response.ok) return body;
    const refusal = new Refusal(response.status, body as object);
    if (refusal.code === "unauthorized" && path !== SESSION) onLoggedOut();
    throw refusal;
  };
  return {
    get: (path, signal) => ask(path, signal === undefined ? {} : { signal }),
    post: async (path, body) => {
      const headers = { ...JSON_TYPE, "idempotency-key": newKey() };
      return ask(path, { method: "POST", headers, body: JSON.stringify(body) });
    },
    patch: (path, body) => ask(path, { method: "PATCH", headers: JSON_TYPE, body: JSON.stringify(body) }),
    remove: async (path) => {
      await ask(path, { method: "DELETE" });
    },
    logIn: (token) => ask(SESSION, { method: "POST", headers: { authorization: `Bearer ${token}` } }),
    logOut: async () => {
      await ask(SESSION, { method: "DELETE" });
    },
    session: () => ask(SESSION, {}),
  };
}

/** `crypto.randomUUID` is there over https and on loopback only. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
