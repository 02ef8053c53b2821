import type { ServerResponse } from "node:http";

/** Ends an answer that has no body. */
export function answerEmpty(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number> = {},
): void {
  const length = status === 204 ? {} : { "content-length": 0 };
  response.writeHead(status, { "cache-control": "no-store", ...length, ...headers }).end();
}

/** Ends an answer that says what was wrong with the request (RFC 9457). */
export function answerProblem(
  response: ServerResponse,
  problem: { status: number; title: string; detail: string; code: string },
  headers: Record<string, string | number> = {},
): void {
  const body = Buffer.from(JSON.stringify({ type: "about:blank", ...problem }));
  const described = { "content-type": "application/problem+json", "content-length": body.length };
  response.writeHead(problem.status, { "cache-control": "no-store", ...described, ...headers }).end(body);
}
