import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A web server with one file, which can be told to behave badly. */
export interface FileServer {
  url: string;
  requests: IncomingMessage[];
  content: Buffer;
  /** Sent as given; null sends none. */
  etag: string | null;
  acceptsRanges: boolean;
  /** After how many bytes each of the next answers is cut off; whole answers follow. */
  cuts: number[];
  /** Status of the next answers instead of the file; 0 sends the file. */
  statuses: number[];
  /** With each status other than the file's; null sends none. */
  retryAfter: string | null;
  /** Leaves out the length of the file. */
  isChunked: boolean;
  /** Sends a little at a time, with such pauses. */
  dripMs: number;
  /** Redirects every request there. */
  redirectTo: string | null;
  /** Sends headers and then nothing, until `goOn`. */
  holdBodies(): void;
  goOn(): void;
  stop(): Promise<void>;
}

export async function startFileServer(content: Buffer): Promise<FileServer> {
  let held: (() => void)[] | undefined;
  const server: Server = createServer((request, response) => {
    files.requests.push(request);
    const status = files.statuses.shift() ?? 0;
    const later = files.retryAfter === null ? {} : { "retry-after": files.retryAfter };
    if (status !== 0) response.writeHead(status, later).end("no");
    else if (files.redirectTo !== null) response.writeHead(302, { location: files.redirectTo }).end();
    else if (files.etag !== null && request.headers["if-none-match"] === files.etag)
      response.writeHead(304).end();
    else sendFile(files, request, response, (send) => (held === undefined ? send() : held.push(send)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const files: FileServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/images/disc.iso`,
    requests: [],
    content,
    etag: '"one"',
    acceptsRanges: true,
    cuts: [],
    statuses: [],
    retryAfter: null,
    isChunked: false,
    dripMs: 0,
    redirectTo: null,
    holdBodies: () => (held = []),
    goOn() {
      const waiting = held ?? [];
      held = undefined;
      for (const send of waiting) send();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return files;
}

function sendFile(
  files: FileServer,
  { headers }: IncomingMessage,
  response: ServerResponse,
  whenAllowed: (send: () => void) => void,
): void {
  const { content, etag } = files;
  const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? -1);
  const last = Number(/-(\d+)$/.exec(headers.range ?? "")?.[1] ?? content.length - 1);
  const isCurrent = headers["if-range"] === undefined || headers["if-range"] === etag;
  const isPart = files.acceptsRanges && from >= 0 && isCurrent;
  const body = isPart ? content.subarray(from, last + 1) : content;
  const cut = files.cuts.shift();
  response.writeHead(isPart ? 206 : 200, {
    ...(files.isChunked ? {} : { "content-length": body.length }),
    ...(etag === null ? {} : { etag }),
    ...(files.acceptsRanges ? { "accept-ranges": "bytes" } : {}),
    ...(isPart ? { "content-range": `bytes ${from}-${last}/${content.length}` } : {}),
  });
  response.flushHeaders();
  whenAllowed(() => {
    if (files.dripMs > 0) drip(response, body, files.dripMs);
    else if (cut === undefined) response.end(body);
    else response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 60));
  });
}

function drip(response: ServerResponse, body: Buffer, pauseMs: number, at = 0): void {
  if (response.destroyed) return;
  if (at >= body.length) return void response.end();
  response.write(body.subarray(at, at + 1000));
  setTimeout(() => drip(response, body, pauseMs, at + 1000), pauseMs);
}
