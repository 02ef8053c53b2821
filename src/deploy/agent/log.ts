import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { AgentError, failureOf } from "../../agent/index.ts";
import { Fenced } from "../journal.ts";
import { isStoreAway } from "../errors.ts";
import type { Parts } from "../parts.ts";
import type { StepContext } from "../step.ts";
import { maybe } from "../steps/known.ts";
import { liveAgent } from "./boot.ts";
import { command } from "./command.ts";

type Needed = Pick<Parts, "agents" | "timing" | "blobs">;

/** Of the bundle as it comes, in base64; what is larger is left with the agent. */
const ANSWER_BYTES = 48 * 1024 * 1024;
/** Of what is in it: a small bundle may hold a large log, and an evil one the whole memory. */
const UNPACKED_BYTES = 256 * 1024 * 1024;
const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);
const pack = promisify<Buffer, Buffer>(gzip);
const KEPT_MS = 30 * 24 * 3_600_000;

/**
 * Has the agent bundle its logs and keeps them with the deployment, without its token. Done once; what cannot be had is
 * said in a warning, for by now something else matters more.
 */
export async function keepAgentLog(parts: Needed, context: StepContext): Promise<void> {
  if (maybe(context, "agentLog") !== undefined) return;
  try {
    const bundle = await collect(parts, context);
    const { id: blob, sizeBytes } = await parts.blobs.add(bundle);
    await parts.blobs.keep(blob, KEPT_MS);
    context.learn({ agentLog: { blob, sizeBytes } });
  } catch (error) {
    if (error instanceof Fenced || isStoreAway(error)) throw error;
    const missing = whyNot(error);
    context.warn(`there is no log of the agent, because ${missing}`);
    context.learn({ agentLog: { missing } });
  }
}

/** An agent refuses everything beside the one command that it is at, and only its end could be waited for. */
export function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof AgentError) || error.code !== "agent-busy") return error.message;
  return `it is still at a command and takes no other (${error.message})`;
}

async function collect(parts: Needed, context: StepContext): Promise<Buffer> {
  const { boot } = await liveAgent(parts, context);
  const asked = { name: "log.collect_system_logs", params: {}, mostBytes: ANSWER_BYTES };
  const result = await command(parts, context, `${context.step}/log`, asked);
  const failure = failureOf(result, "bundling its log");
  if (failure !== undefined) throw failure;
  const text = result.result?.["system_logs"];
  if (typeof text === "string") return withoutToken(Buffer.from(text, "base64"), boot.token);
  throw new AgentError("the agent gave no log", { code: "agent-answer-unreadable", retryable: false });
}

/** Agents log every request with its token. It is covered by as many stars, so that the archive stays one. */
export async function withoutToken(bundle: Buffer, token: string): Promise<Buffer> {
  const text = await unpack(bundle, { maxOutputLength: UNPACKED_BYTES });
  const stars = Buffer.alloc(token.length, "*");
  for (let at = text.indexOf(token); at >= 0; at = text.indexOf(token, at + stars.length))
    stars.copy(text, at);
  return pack(text);
}
