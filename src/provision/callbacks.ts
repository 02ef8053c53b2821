import type { IncomingMessage, ServerResponse } from "node:http";
import { type ExposedCallback, isFinal, lateEventOf, type RecordView } from "../deploy/index.ts";
import { createAllowance } from "./allowance.ts";
import { answerEmpty, answerProblem } from "./answer.ts";
import { type CallbackReport, readCallback } from "./callback-body.ts";
import type { ProvisionLimits, ProvisionParts } from "./parts.ts";
import { wakeRecord } from "./wake.ts";

/** Takes what installers post about themselves. */
export interface Callbacks {
  /** Answers 204 when the report is kept, or when it no longer changes anything. */
  take(request: IncomingMessage, response: ServerResponse, exposure: ExposedCallback): Promise<void>;
}

const BODY_BYTES = 16 * 1024;
/** A body that is too large is read up to here, so that the answer reaches who is still sending. */
const DRAINED_BYTES = 1024 * 1024;

type Needed = Pick<ProvisionParts, "store" | "hints" | "bell" | "log" | "clock">;

export function createCallbacks(parts: Needed, limits: ProvisionLimits): Callbacks {
  const pace = { atOnce: limits.callbacksAtOnce, perSecond: limits.callbacksPerSecond };
  const news = createAllowance(pace, parts.clock);
  // Apart, so that an installer that tells of each package still gets its verdict through.
  const verdicts = createAllowance(pace, parts.clock);

  return {
    async take(request, response, { recordId }) {
      if (request.method !== "POST") return answerEmpty(response, 405, { allow: "POST" });
      const body = await readBody(request);
      if (body === undefined) return refuseLarge(response);
      const report = readCallback(body, request.headers["content-type"]);
      if ("code" in report) return refuse(response, report);
      const allowance = isVerdict(report.status) ? verdicts : news;
      if (!allowance.take(recordId)) return answerEmpty(response, 429, { "retry-after": 1 });
      await deliver(parts, recordId, report);
      answerEmpty(response, 204);
    },
  };
}

async function deliver(parts: Needed, recordId: string, report: CallbackReport): Promise<void> {
  const view = await parts.store.get(recordId);
  if (view === undefined) return;
  if (isFinal(view.state)) return deliverLate(parts, view, report);
  if (isVerdict(view.callback?.status)) return;
  const woken = await wakeRecord(parts, recordId, { kind: "callback", ...report });
  if (woken !== "ended") return;
  // It ended between our look and the wake.
  const ended = await parts.store.get(recordId);
  if (ended !== undefined) await deliverLate(parts, ended, report);
}

async function deliverLate({ store, bell }: Needed, view: RecordView, report: CallbackReport): Promise<void> {
  const event = lateEventOf(view, report);
  if (event === undefined) return;
  await store.appendLate(view.id, event);
  bell.ring(view.id);
}

function isVerdict(status: string | undefined): boolean {
  return status === "succeeded" || status === "failed";
}

/** @returns undefined for a body that is too large */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES) chunks.push(chunk);
    if (bytes > DRAINED_BYTES) break;
  }
  return bytes > BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
}

function refuseLarge(response: ServerResponse): void {
  const detail = `the body is larger than ${BODY_BYTES} bytes`;
  const problem = { status: 413, title: "The body is too large", detail, code: "body-too-large" };
  answerProblem(response, problem, { connection: "close" });
}

function refuse(response: ServerResponse, { code, detail }: { code: string; detail: string }): void {
  const status = code === "callback-type-unsupported" ? 415 : 400;
  answerProblem(response, { status, title: "The call-back cannot be read", detail, code });
}
