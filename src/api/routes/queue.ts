import * as z from "zod";
import type { RouteParts } from "../parts.ts";
import { defineRoute, type Route } from "../route.ts";
import { time } from "../schemas/plain.ts";
import { RECORD_STATES } from "../schemas/record.ts";

const WORKER = z
  .object({
    id: z.string(),
    host: z.string(),
    pid: z.int(),
    capacity: z.int().meta({ description: "Looks that it can have at once" }),
    busy: z.int().meta({ description: "Looks that it has" }),
    startedAt: time,
    seenAt: time,
  })
  .meta({ id: "Worker", description: "A process that looks at records" });

const PHASES = z.object({
  waitingNode: z.int().meta({ description: "Wait for a node that another one has" }),
  parked: z.int().meta({ description: "Wait for something to come or a time to pass, and hold no worker" }),
  queued: z.int().meta({ description: "Wait for a worker" }),
  running: z.int().meta({ description: "A worker looks at them now" }),
  overdue: z.int().meta({ description: "Should have been looked at before now" }),
  longestOverdueMs: z.int(),
});

const OPEN = z.object({
  kind: z.enum(["deployment", "operation"]),
  state: z.enum(RECORD_STATES),
  step: z.string().nullable(),
  count: z.int(),
});

export const shownQueue = z
  .object({
    hintsWaiting: z
      .int()
      .nullable()
      .meta({ description: "Asked for and not taken yet; null while Redis is away" }),
    workers: z.array(WORKER).nullable().meta({ description: "Null while Redis is away" }),
    phases: PHASES,
    open: z.array(OPEN).meta({ description: "What has not ended, by where it is" }),
  })
  .meta({ id: "Queue", description: "How much is to be done, and who does it; of all processes" });

/** What waits and who works. */
export function createQueueRoute({ queue }: Pick<RouteParts, "queue">): Route {
  return defineRoute({
    method: "get",
    path: "/v1/queue",
    tag: "Queue",
    summary: "What waits, and which processes work",
    responses: {
      200: { description: "Figures of the moment", schema: shownQueue, headers: ["Retry-After"] },
    },
    run: async () => {
      const [asked, open, phases] = await Promise.all([queue.queue(), queue.open(), queue.phases()]);
      const body = {
        hintsWaiting: asked?.hintsWaiting ?? null,
        workers: asked?.workers ?? null,
        phases,
        open,
      };
      return { status: 200, body, headers: { "retry-after": "2" } };
    },
  });
}
