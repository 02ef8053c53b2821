import * as z from "zod";
import { shownAgentStep } from "./agent.ts";
import { failureCode } from "./failure-code.ts";
import { time } from "./plain.ts";

/** What deployments and operations show alike. */
export const RECORD_STATES = ["queued", "running", "succeeded", "failed", "cancelled"] as const;

const step = z
  .object({
    name: z.string(),
    state: z.enum(["pending", "running", "waiting", "done", "skipped", "failed"]),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    attempts: z.int(),
    timeoutMs: z.int(),
    agent: shownAgentStep.optional().meta({ description: "What the agent is asked to do in it" }),
  })
  .meta({ id: "Step" });

const waitingOn = z
  .object({
    what: z.string(),
    since: time,
    until: time,
    cause: z.string().nullable(),
    next: z.string().nullable().meta({ description: "What will happen next" }),
  })
  .meta({ id: "WaitingOn" });

const failure = z
  .object({
    code: failureCode,
    message: z.string(),
    hint: z.string().nullable(),
    retryable: z.boolean(),
    step: z.string().nullable(),
    cause: z.array(z.string()),
  })
  .meta({ id: "Failure" });

export const recordFields = {
  id: z.string(),
  node: z.object({ id: z.string(), name: z.string() }),
  state: z.enum(RECORD_STATES),
  final: z.boolean(),
  version: z.int().meta({ description: "Sequence number of the last event" }),
  step: z.string().nullable(),
  steps: z.array(step),
  waitingOn: waitingOn.nullable(),
  error: failure.nullable(),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  traceparent: z
    .string()
    .nullable()
    .meta({ description: "The trace that it belongs to (W3C Trace Context), as whoever asked named it" }),
};
