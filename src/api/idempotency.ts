import { createHmac } from "node:crypto";
import type { Answer } from "./answer.ts";
import { canonical } from "./canonical.ts";
import type { IdempotencyStore, IdempotentUse } from "./ports.ts";
import { Problem } from "./problem.ts";

interface IdempotentRequest {
  use: IdempotentUse;
  /** Path with its parameters filled in, and the parsed body. */
  path: string;
  body: unknown;
  /** Keys the hash of the body, since a body may hold a password that could be guessed from a bare hash. */
  authorization: string;
}

/** @throws Problem when the header is there and not 1 to 255 visible characters */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (/^[\x20-\x7e]{1,255}$/.test(header)) return header;
  throw new Problem("invalid-header", "Idempotency-Key: must be 1 to 255 visible ASCII characters.");
}

/** Runs the request unless its key says that it ran already. Only acceptances are kept. */
export async function runOnce(
  store: IdempotencyStore,
  { use, path, body, authorization }: IdempotentRequest,
  run: () => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  const bodyHash = createHmac("sha256", authorization)
    .update(`${path}\n${canonical(body)}`)
    .digest("hex");
  const begun = await store.begin(use, bodyHash);
  if (begun.state === "replay") return replayed(begun);
  if (begun.state === "mismatch") {
    throw new Problem("idempotency-key-reused", "This Idempotency-Key came before with another body.", {
      hint: "Use a new key for a new request.",
    });
  }
  if (begun.state === "in-progress") {
    throw new Problem(
      "idempotency-in-progress",
      "The first request with this Idempotency-Key has no answer yet.",
      {
        headers: { "retry-after": "1" },
      },
    );
  }
  return keepOrAbandon(store, use, run);
}

async function keepOrAbandon(
  store: IdempotencyStore,
  use: IdempotentUse,
  run: () => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  let answer: Answer | undefined;
  try {
    answer = await run();
  } catch (error) {
    await store.abandon(use);
    throw error;
  }
  if (answer === undefined) await store.abandon(use);
  else await store.finish(use, kept(answer));
  return answer;
}

function kept(answer: Answer): { status: number; headers: Record<string, string>; body: string } {
  const { status, headers, body } = answer;
  return { status, headers: headers ?? {}, body: JSON.stringify(body ?? null) };
}

function replayed(answer: { status: number; headers: Record<string, string>; body: string }): Answer {
  const headers = { ...answer.headers, "idempotency-replayed": "true" };
  return { status: answer.status, headers, body: JSON.parse(answer.body) as unknown };
}
