import { setTimeout as sleep } from "node:timers/promises";
import { CommandError, EXIT, type FieldError } from "./exit.ts";
import type { Server } from "./server.ts";

/** How long an answer may take beyond what the server was asked to hold it. */
const ANSWER_MS = 30_000;
/** For a file of some megabytes over a slow line. */
const DOWNLOAD_MS = 300_000;
/** Before a request with an idempotency key is sent a second time. */
const AGAIN_MS = 500;

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Milliseconds that the server was asked to hold the answer. */
  heldMs?: number;
  /** Lets a request whose answer was lost be sent again, without doing anything twice. */
  idempotencyKey?: string;
}

export interface Reply<T> {
  body: T;
  etag: string | null;
}

/** One HTTP exchange with Trayload's API at a time. */
export interface ApiClient {
  readonly url: string;
  /**
   * Sends JSON and reads JSON.
   *
   * @param path begins with a slash; parts that a person gave are to be encoded
   * @throws CommandError `server-unreachable`, or with the code of the API's refusal
   */
  call<T>(method: string, path: string, options?: CallOptions): Promise<Reply<T>>;
  /** Sends bytes and reads JSON. Errors as of `call`. */
  upload<T>(path: string, bytes: Buffer): Promise<T>;
  /** Reads bytes. Errors as of `call`. */
  download(path: string): Promise<Buffer>;
  /** Opens a stream of server-sent events; null when all of it was seen. Errors as of `call`. */
  stream(path: string, lastEventId: number, signal: AbortSignal): Promise<Response | null>;
}

export function createApiClient({ url, token, tokenHint }: Server): ApiClient {
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };

  async function send(method: string, path: string, init: RequestInit): Promise<Response> {
    try {
      const headers = { ...authorization, ...(init.headers as Record<string, string>) };
      // A redirect would be followed without the token, and be refused there for a reason that explains nothing.
      return await fetch(`${url}${path}`, { ...init, method, headers, redirect: "manual" });
    } catch (error) {
      throw unreachable(url, error);
    }
  }

  async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<Reply<T>> {
    const { body, headers = {}, heldMs = 0, idempotencyKey } = options;
    const init = {
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS + heldMs),
    };
    const response = await send(method, path, init);
    if (!response.ok) throw await refusal(response, url, tokenHint);
    return { body: await readJson<T>(response, url), etag: response.headers.get("etag") };
  }

  return {
    url,
    call: async (method, path, options = {}) => {
      try {
        return await call(method, path, options);
      } catch (error) {
        if (options.idempotencyKey === undefined || !isAnswerLost(error)) throw error;
        await sleep(AGAIN_MS);
        return call(method, path, options);
      }
    },
    async upload<T>(path: string, bytes: Buffer) {
      const headers = { accept: "application/json", "content-type": "application/octet-stream" };
      const signal = AbortSignal.timeout(DOWNLOAD_MS);
      const response = await send("POST", path, { headers, body: new Uint8Array(bytes), signal });
      if (!response.ok) throw await refusal(response, url, tokenHint);
      return readJson<T>(response, url);
    },
    async download(path) {
      const response = await send("GET", path, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
      if (!response.ok) throw await refusal(response, url, tokenHint);
      return Buffer.from(await response.arrayBuffer());
    },
    stream: async (path, lastEventId, signal) => {
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (lastEventId > 0) headers["last-event-id"] = String(lastEventId);
      const response = await send("GET", path, { headers, signal });
      if (response.status === 204) return null;
      if (!response.ok) throw await refusal(response, url, tokenHint);
      return response;
    },
  };
}

/** Whether the server may have got a request that was not answered; a refused connection is told at once. */
function isAnswerLost(error: unknown): boolean {
  return (
    error instanceof CommandError && error.exit === EXIT.unreachable && reasonOf(error) !== "ECONNREFUSED"
  );
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string; cause?: unknown } };
  if (cause === undefined) return error instanceof Error ? error.message : String(error);
  return cause.code ?? reasonOf(cause);
}

function unreachable(url: string, cause: unknown): CommandError {
  const reason = reasonOf(cause);
  return new CommandError(`no answer from the server at ${url} (${reason})`, {
    exit: EXIT.unreachable,
    code: "server-unreachable",
    hint: "Start one with npm start (or trayload serve), or set TRAYLOAD_URL to the one that runs.",
    cause,
  });
}

async function readJson<T>(response: Response, url: string): Promise<T> {
  const text = await response.text().catch((error: unknown) => {
    throw unreachable(url, error);
  });
  if (text === "") return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw notTrayload(url, `${response.status} and a body that is not JSON`, error);
  }
}

function notTrayload(url: string, what: string, cause?: unknown): CommandError {
  return new CommandError(`${url} answered ${what}`, {
    exit: EXIT.unreachable,
    code: "server-unknown",
    hint: "Is that Trayload's API? Set TRAYLOAD_URL to it.",
    cause,
  });
}

/** The error of an answer that is none: problem+json as RFC 9457 has it, or whatever a stranger says. */
async function refusal(response: Response, url: string, tokenHint: string): Promise<CommandError> {
  const location = response.headers.get("location");
  if (response.status >= 300 && response.status < 400)
    return notTrayload(url, `${response.status}, redirecting to ${location ?? "nowhere"}`);
  if (!/\bjson\b/.test(response.headers.get("content-type") ?? ""))
    return notTrayload(url, `${response.status} ${response.statusText}`);
  const problem = await readJson<Record<string, unknown>>(response, url);
  const text = (name: string) => (typeof problem[name] === "string" ? problem[name] : undefined);
  const code = text("code") ?? `http-${response.status}`;
  return new CommandError(text("detail") ?? text("title") ?? `${url} answered ${response.status}`, {
    exit: EXIT.failed,
    code,
    hint: code === "unauthorized" ? tokenHint : text("hint"),
    fields: Array.isArray(problem.errors) ? (problem.errors as FieldError[]) : [],
    problem,
  });
}
