import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { AddressInfo } from "node:net";

/** A small web server on loopback: serves files by ranges, and keeps what is posted to it. */
export interface Host {
  /** `http://127.0.0.1:PORT` or `https://…`. */
  readonly origin: string;
  /** The origin as a guest of a QEMU machine reaches it. */
  readonly originForGuests: string;
  /** Bytes that were asked for by ranges, summed by path. */
  readonly bytesRead: Record<string, number>;
  /** Resolves with the body of the next POST, or of one that came already. */
  nextPost: (timeoutMs: number) => Promise<string>;
  close: () => Promise<void>;
}

/**
 * @param files URL path to file path.
 * @param tls serves https with this key and certificate.
 */
export async function startHost(
  files: Record<string, string>,
  tls?: { key: string; cert: string },
): Promise<Host> {
  const bytesRead: Record<string, number> = {};
  const posts: string[] = [];
  const waiting: (() => void)[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? "/";
    if (request.method === "POST") {
      void readBody(request).then((body) => {
        posts.push(body);
        response.writeHead(204).end();
        waiting.shift()?.();
      });
      return;
    }
    const file = files[path];
    const sent = file ? sendRange(file, request, response) : 0;
    if (!file) response.writeHead(404).end();
    bytesRead[path] = (bytesRead[path] ?? 0) + sent;
  };
  const server = tls ? createServer(tls, answer) : createPlainServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const scheme = tls ? "https" : "http";
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    originForGuests: `${scheme}://10.0.2.2:${port}`,
    bytesRead,
    async nextPost(timeoutMs) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(() => reject(new Error(`nobody posted within ${timeoutMs} ms`)), timeoutMs);
      waiting.push(resolve);
      if (posts.length > 0) waiting.shift()?.();
      await promise.finally(() => clearTimeout(timer));
      return posts.shift()!;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Answers HEAD, whole GET and single ranges; gives back how many bytes it sent. */
function sendRange(file: string, request: IncomingMessage, response: ServerResponse): number {
  const { size } = statSync(file);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const first = range ? Number(range[1]) : 0;
  const last = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  const headers = { "accept-ranges": "bytes", "content-length": last - first + 1 };
  if (range) response.writeHead(206, { ...headers, "content-range": `bytes ${first}-${last}/${size}` });
  else response.writeHead(200, headers);
  if (request.method === "HEAD") {
    response.end();
    return 0;
  }
  const bytes = Buffer.alloc(last - first + 1);
  const handle = openSync(file, "r");
  readSync(handle, bytes, 0, bytes.length, first);
  closeSync(handle);
  response.end(bytes);
  return bytes.length;
}
