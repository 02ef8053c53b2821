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

/** By whom a browser can be logged in beside tokens, and the path that begins it. */
export interface Provider {
  label: string;
  path: string;
}

export interface SessionAnswer {
  signedIn: boolean;
  provider: Provider | null;
}

export interface Server {
  /** @throws Refusal, Unreachable */
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  /** Each call is one intent: a repetition by the browser or a proxy does nothing twice. @throws Refusal, Unreachable */
  post<T>(path: string, body: unknown): Promise<T>;
  logIn(token: string): Promise<void>;
  logOut(): Promise<void>;
  session(): Promise<SessionAnswer>;
}

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
    if (refusal.code === "unauthorized" && path !== "/v1/session") onLoggedOut();
    throw refusal;
  };
  return {
    get: (path, signal) => ask(path, signal === undefined ? {} : { signal }),
    post: async (path, body) => {
      const headers = { "content-type": "application/json", "idempotency-key": newKey() };
      return ask(path, { method: "POST", headers, body: JSON.stringify(body) });
    },
    logIn: async (token) => {
      await ask("/v1/session", { method: "POST", headers: { authorization: `Bearer ${token}` } });
    },
    logOut: async () => {
      await ask("/v1/session", { method: "DELETE" });
    },
    session: () => ask("/v1/session", {}),
  };
}

/** `crypto.randomUUID` is there over https and on loopback only. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
