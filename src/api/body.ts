import type { IncomingMessage } from "node:http";
import express, { type RequestHandler } from "express";
import { Problem } from "./problem.ts";

/** Bodies of this size at most, in bytes; deployments carry files and may be larger. */
export const BODY_LIMIT = 1024 * 1024;
export const DEPLOYMENT_BODY_LIMIT = 16 * BODY_LIMIT;

/** Deep enough for every shape of the contract, and far from what could exhaust a stack. */
const MAX_DEPTH = 32;

const JSON_TYPE = /^application\/(?:[a-z0-9.-]+\+)?json$/i;

/** Reads a body's bytes up to `limit` into `request.body`; `readJson` then makes sense of them. */
export function readBytes(limit: number): RequestHandler {
  return express.raw({ type: () => true, limit });
}

/** @returns the parsed body; undefined when none was sent */
export function readJson(request: IncomingMessage & { body?: unknown }): unknown {
  const bytes = request.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return undefined;
  const type = (request.headers["content-type"] ?? "").split(";")[0]!.trim();
  if (!JSON_TYPE.test(type)) {
    throw new Problem("media-type-unsupported", `The body's type is ${type || "not said"}.`, {
      hint: "Send `Content-Type: application/json`.",
      headers: { accept: "application/json" },
    });
  }
  const text = decode(bytes);
  refuseDepth(text);
  return parse(text);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Problem("json-invalid", "The body is not UTF-8.");
  }
}

/** Counts brackets outside strings, so that a deep body is refused before anything recurses into it. */
function refuseDepth(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[{\]}]/gs)) {
    if (token === "[" || token === "{") depth += 1;
    else if (token === "]" || token === "}") depth -= 1;
    if (depth > MAX_DEPTH) {
      throw new Problem("body-too-deep", `The body is nested more than ${MAX_DEPTH} levels deep.`);
    }
  }
}

/** V8's message quotes the text around the fault, which may be a password; only its position is told. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const position = /position (\d+)/.exec(String(cause))?.[1];
    const at = position === undefined ? text.length : Number(position);
    const before = text.slice(0, at).split("\n");
    const place = `line ${before.length}, column ${before.at(-1)!.length + 1} (position ${at})`;
    throw new Problem("json-invalid", `The body is not JSON: it goes wrong at ${place}.`);
  }
}

/** Says what `readBytes` stumbled over; undefined when the error is another's. */
export function describeBodyError(error: unknown): Problem | undefined {
  const { type, limit } = error as { type?: string; limit?: number };
  if (type === "entity.too.large") {
    return new Problem("body-too-large", `The body is larger than ${limit} bytes, the limit of this path.`);
  }
  if (type === "encoding.unsupported") {
    return new Problem("media-type-unsupported", "The body's Content-Encoding is not known.");
  }
  if (type?.startsWith("request.")) return new Problem("json-invalid", "The body did not arrive whole.");
  return undefined;
}
