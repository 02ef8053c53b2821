import * as z from "zod";
import { CAMPAIGN_EVENT_TYPES } from "../../campaigns/index.ts";
import { limits, window } from "./campaign-input.ts";
import { shownRequest } from "./deployment.ts";
import { failureCode } from "./failure-code.ts";
import { count, cursor, limit, several, time } from "./plain.ts";

export const CAMPAIGN_STATES = [
  "running",
  "paused",
  "cancelling",
  "succeeded",
  "failed",
  "cancelled",
] as const;
export const CAMPAIGN_NODE_STATES = [
  "waiting",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "skipped",
] as const;

export const campaignListQuery = z.strictObject({
  state: several(z.enum(CAMPAIGN_STATES)).meta({ description: "One or several, separated by commas" }),
  name: z.string().min(1).max(255).exactOptional(),
  cursor,
  limit,
});

export const campaignNodesQuery = z.strictObject({
  state: several(z.enum(CAMPAIGN_NODE_STATES)).meta({ description: "One or several, separated by commas" }),
  cursor,
  limit,
});

export const campaignHold = z.strictObject({
  waitMs: count(0, 60_000)
    .exactOptional()
    .meta({ description: "Hold the answer for up to this many milliseconds." }),
  after: count(0, Number.MAX_SAFE_INTEGER).exactOptional().meta({
    description: "With `waitMs`: wait until the version is above this one; the current one unless given",
  }),
  until: z.enum(["final"]).exactOptional().meta({ description: "With `waitMs`: wait until the end" }),
});

const LIMITS = [
  "paused",
  "window",
  "canary",
  "concurrent",
  "perSite",
  "perRack",
  "serverBandwidth",
  "allCampaigns",
  "node",
  "turn",
] as const;

const limitName = z.enum(LIMITS).meta({
  description:
    "Which limit it waits for; `node` that somebody else has the machine, `turn` nothing: it is about to begin",
});

const counts = z
  .object({
    total: z.int(),
    ...(Object.fromEntries(CAMPAIGN_NODE_STATES.map((state) => [state, z.int()])) as Record<
      (typeof CAMPAIGN_NODE_STATES)[number],
      z.ZodInt
    >),
  })
  .meta({ id: "CampaignCounts" });

export const shownCampaign = z
  .object({
    id: z.string().meta({ example: "camp_01JD5M6Q0W8Z9V7X6C5B4N3M2A" }),
    name: z.string(),
    state: z.enum(CAMPAIGN_STATES).meta({
      description:
        "`cancelling` while deployments that were begun end; `succeeded` when each node has, or was skipped",
    }),
    final: z.boolean(),
    version: z.int().meta({ description: "Raised by each change" }),
    counts,
    percent: z.int().min(0).max(100).meta({ description: "Share of the nodes that are over" }),
    etaAt: time
      .nullable()
      .meta({ description: "About when it ends, judged by the deployments so far; null while unknown" }),
    waitingOn: z
      .array(z.object({ limit: limitName, nodes: z.int(), what: z.string() }))
      .meta({ description: "What the nodes that wait are waiting for" }),
    canary: z.enum(["none", "waiting", "passed"]),
    paused: z
      .object({
        by: z.string().nullable().meta({ description: "Name of a token; null when a limit did it" }),
        at: time,
        reason: z.enum(["asked", "max-failures", "canary-failed"]),
      })
      .nullable(),
    cancelRequested: z.object({ by: z.string(), at: time, running: z.enum(["cancel", "finish"]) }).nullable(),
    window: z
      .object({
        isOpen: z.boolean(),
        opensAt: time.nullable().meta({ description: "When the next one opens; null while one is open" }),
      })
      .nullable()
      .meta({ description: "Null where deployments may begin at any time" }),
    limits: z.object(limits),
    windows: z.array(window),
    weight: z.int(),
    request: shownRequest
      .omit({ node: true })
      .meta({ description: "What is deployed, as it is for the first node; without its secrets" }),
    retryOf: z.string().nullable().meta({ description: "The campaign whose failed nodes these are" }),
    retriedAs: z
      .string()
      .nullable()
      .meta({ description: "The campaign that has deployed its failed nodes again" }),
    createdBy: z.string(),
    createdAt: time,
    startedAt: time.nullable().meta({ description: "When the first deployment began" }),
    endedAt: time.nullable(),
  })
  .meta({ id: "Campaign" });

const hindrance = z
  .object({
    code: failureCode,
    message: z.string(),
    hint: z.string().nullable(),
    holder: z.string().nullable().meta({ description: "The deployment or operation that has the machine" }),
  })
  .meta({ id: "Hindrance" });

export const shownCampaignNode = z
  .object({
    node: z.object({ id: z.string(), name: z.string() }),
    place: z.int().meta({ description: "In the order of the campaign, from 0" }),
    state: z.enum(CAMPAIGN_NODE_STATES),
    canary: z.boolean(),
    rack: z.string().nullable(),
    site: z.string().nullable(),
    deployment: z.string().nullable().meta({ description: "Id of its deployment" }),
    waitingFor: z.object({ limit: limitName, what: z.string() }).nullable(),
    error: hindrance.nullable().meta({
      description: "Why it has failed, was left out, or has no deployment yet",
    }),
    admittedAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .meta({ id: "CampaignNode" });

/** What a dry run says. */
export const campaignPreview = z
  .object({
    fitting: z.int(),
    unfit: z.int(),
    nodes: z.array(
      z.object({
        node: z.object({ id: z.string(), name: z.string() }),
        fits: z.boolean(),
        error: hindrance.nullable(),
      }),
    ),
  })
  .meta({ id: "CampaignPreview" });

export const shownCampaignEvent = z
  .looseObject({
    campaignId: z.string(),
    v: z.literal(1),
    seq: z.int(),
    at: time,
    type: z.enum(CAMPAIGN_EVENT_TYPES as [string, ...string[]]),
  })
  .meta({
    id: "CampaignEvent",
    description: "What happened to the campaign; each type has fields of its own",
  });
