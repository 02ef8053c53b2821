import { createReadStream } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";

/** Answers GET and HEAD of one file, whole or a single range (RFC 9110, section 14): all that a virtual drive asks. */
export function answerFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: { path: string; size: number },
): void {
  const headers = { "accept-ranges": "bytes", "content-type": "application/octet-stream" };
  const wanted = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const start = Number(wanted?.[1] ?? 0);
  const end = Math.min(wanted?.[2] ? Number(wanted[2]) : file.size - 1, file.size - 1);
  if (wanted !== null && (start >= file.size || end < start)) {
    response.writeHead(416, { "content-range": `bytes */${file.size}` }).end();
    return;
  }
  const range = wanted === null ? {} : { "content-range": `bytes ${start}-${end}/${file.size}` };
  response.writeHead(wanted === null ? 200 : 206, {
    ...headers,
    ...range,
    "content-length": end - start + 1,
  });
  if (request.method === "HEAD" || file.size === 0) response.end();
  else
    createReadStream(file.path, { start, end })
      .on("error", () => response.destroy())
      .pipe(response);
}
