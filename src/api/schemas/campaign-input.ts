import * as z from "zod";
import { DAYS, isTimeZone } from "../../campaigns/index.ts";
import { deploymentInput } from "./deployment.ts";
import { labels } from "./plain.ts";

const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const at = z.string().regex(CLOCK, "must be a time of the day like 22:30");
const most = z.int().min(1).max(100_000).nullable();

export const window = z
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

export const limits = {
  concurrent: z
    .int()
    .min(1)
    .max(100_000)
    .meta({ description: "Deployments of this campaign at once; 50 unless given" }),
  perRack: most.meta({ description: "In one rack of one site at once, whoever began them" }),
  perSite: most.meta({ description: "In one site at once, whoever began them" }),
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
