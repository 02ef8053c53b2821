import { TrayloadError } from "./error.ts";
import type { Operations } from "./schema.ts";

/** A request's name, like `GET /v1/deployments/{id}`. */
export type OperationName = keyof Operations;

/** What one request takes. Parameters of the path and a body must be there where the request has them. */
export type Given<Name extends OperationName> = Part<"params", Operations[Name]["params"]> &
  Part<"query", Operations[Name]["query"]> &
  Pick<Operations[Name], "body"> & {
    /** Makes a repetition do nothing twice; 1 to 255 characters, the same for the same intent. */
    idempotencyKey?: string;
    headers?: Record<string, string>;
    signal?: AbortSignal;
  };

type Part<Name extends string, Value> =
  Record<never, never> extends Value ? { [N in Name]?: Value } : { [N in Name]: Value };

/** What of a request's arguments may be left out altogether. */
type Args<Name extends OperationName> =
  Record<never, never> extends Given<Name> ? [given?: Given<Name>] : [given: Given<Name>];

export interface ClientOptions {
  /** Of the API: `https://trayload.example.org`. */
  url: string;
  /** `tl_…`; a page of the API's own has a session instead. */
  token?: string;
  /** In place of the global one. */
  fetch?: typeof globalThis.fetch;
}

/** Asks the API, by the types of its description. */
export interface TrayloadClient {
  /**
   * Sends one request, once.
   *
   * @throws TrayloadError for every answer that is no success; what `fetch` throws where none came
   */
  call<Name extends OperationName>(name: Name, ...args: Args<Name>): Promise<Operations[Name]["answer"]>;
  /** The same, as the answer itself, for its headers or as a stream. @throws TrayloadError as above */
  send(name: OperationName, given?: AnyGiven): Promise<Response>;
}

interface AnyGiven {
  params?: object;
  query?: object;
  body?: unknown;
  idempotencyKey?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export function createClient({ url, token, fetch = globalThis.fetch }: ClientOptions): TrayloadClient {
  const send = async (name: OperationName, given: AnyGiven = {}) => {
    const method = name.slice(0, name.indexOf(" "));
    const response = await fetch(addressOf(url, name, given), {
      method,
      headers: headersOf(given, token),
      ...(given.body === undefined
        ? {}
        : { body: isBytes(given.body) ? given.body : JSON.stringify(given.body) }),
      ...(given.signal === undefined ? {} : { signal: given.signal }),
    });
    if (response.ok) return response;
    throw await TrayloadError.of(name, response);
  };
  return {
    send,
    call: async <Name extends OperationName>(name: Name, ...[given]: Args<Name>) =>
      (await read(await send(name, given as AnyGiven | undefined))) as Operations[Name]["answer"],
  };
}

function addressOf(base: string, name: string, { params = {}, query = {} }: AnyGiven): string {
  const path = name
    .slice(name.indexOf(" ") + 1)
    .replace(/\{(\w+)\}/g, (_, key: string) =>
      encodeURIComponent(String((params as Record<string, unknown>)[key])),
    );
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      if (one !== undefined) search.append(key, String(one));
  const text = search.toString();
  return `${base.replace(/\/+$/, "")}${path}${text === "" ? "" : `?${text}`}`;
}

function headersOf(
  { body, idempotencyKey, headers }: AnyGiven,
  token: string | undefined,
): Record<string, string> {
  return {
    accept: "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined
      ? {}
      : { "content-type": isBytes(body) ? "application/octet-stream" : "application/json" }),
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    ...headers,
  };
}

function isBytes(body: unknown): body is Uint8Array<ArrayBuffer> | Blob {
  return body instanceof Uint8Array || body instanceof Blob;
}

async function read(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const type = response.headers.get("content-type") ?? "";
  return /\bjson\b/.test(type) ? response.json() : new Uint8Array(await response.arrayBuffer());
}
