import * as z from "zod";
import { CAMPAIGN_EVENT_TYPES, DAYS, isTimeZone } from "../../campaigns/index.ts";
import { deploymentInput, shownRequest } from "./deployment.ts";
import { failureCode } from "./failure-code.ts";
import { count, cursor, labels, limit, several, time } from "./plain.ts";

const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const at = z.string().regex(CLOCK, "must be a time of the day like 22:30");
const most = z.int().min(1).max(100_000).nullable();

const window = z
  .strictObject({
    days: z
      .array(z.enum(DAYS))
      .default([])
      .meta({ description: "On which it opens; every day where there are none" }),
    from: at,
    to: at.meta({ description: "On the next day where it is not after `from`" }),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, "is not a time zone like Europe/Amsterdam")
      .default("UTC"),
  })
  .meta({
    id: "CampaignWindow",
    example: { days: ["sat"], from: "22:00", to: "04:00", timeZone: "Europe/Amsterdam" },
  });

const limits = {
  concurrent: z
    .int()
    .min(1)
    .max(100_000)
    .meta({ description: "Deployments of this campaign at once; 50 unless given" }),
  perRack: most.meta({ description: "In one rack of one site at once, those of other campaigns with it" }),
  perSite: most.meta({ description: "In one site at once, those of other campaigns with it" }),
  serverBytesPerSecond: z.int().min(1).nullable().meta({
    description:
      "What machines may read from one image server, the base URL that BMCs are given, in bytes per second",
  }),
  canary: z.int().min(0).max(100_000).meta({
    description:
      "So many nodes first; the others begin when these have succeeded, and the campaign pauses when one fails",
  }),
  maxFailures: most.meta({
    description:
      "The campaign pauses with so many failed deployments; unless given a tenth of its nodes, but 3 at least",
  }),
};

/** `POST /v1/campaigns`. */
export const campaignInput = z
  .strictObject({
    name: z.string().min(1).max(255).meta({ example: "noble-2026-11" }),
    nodes: z.array(z.string().min(1).max(255)).min(1).max(10_000).exactOptional().meta({
      description: "Ids or names, in the order in which they are to begin",
    }),
    selector: z
      .strictObject({
        labels: labels.exactOptional(),
        site: z.string().min(1).max(255).exactOptional(),
        rack: z.string().min(1).max(255).exactOptional(),
      })
      .refine((value) => Object.keys(value).length > 0, "must say which nodes")
      .exactOptional()
      .meta({
        description: "In place of `nodes`: all that carry the labels and are in the site and the rack",
      }),
    expectNodes: z.int().min(1).exactOptional().meta({
      description: "How many nodes it should be; with another number nothing is done",
    }),
    deployment: deploymentInput
      .omit({ node: true, whenBusy: true, callbackSecret: true })
      .meta({ id: "CampaignDeployment", description: "What is deployed, as of `POST /v1/deployments`" }),
    limits: z
      .strictObject({
        concurrent: limits.concurrent.exactOptional(),
        perRack: limits.perRack.exactOptional(),
        perSite: limits.perSite.exactOptional(),
        serverBytesPerSecond: limits.serverBytesPerSecond.exactOptional(),
        canary: limits.canary.exactOptional(),
        maxFailures: limits.maxFailures.exactOptional(),
      })
      .exactOptional(),
    windows: z.array(window).max(32).exactOptional().meta({
      description:
        "When deployments may begin; at any time where there are none. Those that were begun go on",
    }),
    weight: z.int().min(1).max(100).exactOptional().meta({
      description: "Its share where several campaigns want the same room; 1 unless given",
    }),
    unfit: z.enum(["refuse", "skip"]).exactOptional().meta({
      description:
        "When some nodes cannot be deployed as asked: refuse all of it and say which (the default), or leave those out. Nodes in maintenance are always left out",
    }),
  })
  .check(({ value, issues }) => {
    if ((value.nodes === undefined) !== (value.selector === undefined)) return;
    issues.push({
      code: "custom",
      input: value,
      path: ["nodes"],
      message: "give either nodes or a selector",
    });
  })
  .meta({ id: "CampaignInput" });

export const campaignQuery = z.strictObject({
  dryRun: z.enum(["true", "false"]).exactOptional().meta({
    description: "`true` says of each node whether it could be deployed so, and does nothing",
  }),
});

/** `POST /v1/campaigns/{id}/cancel`. */
export const campaignCancel = z
  .strictObject({
    running: z.enum(["cancel", "finish"]).default("cancel").meta({
      description: "Whether deployments that were begun are cancelled too, or may end by themselves",
    }),
  })
  .meta({ id: "CampaignCancel" });

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
    error: hindrance.nullable().meta({ description: "Why it has no deployment of its own, or not yet" }),
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
