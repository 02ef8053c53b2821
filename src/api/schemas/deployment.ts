import * as z from "zod";
import { agentWork, shownAgentWork } from "./agent.ts";
import { boot, ownOnDisc, shownBoot, shownOwnOnDisc } from "./boot.ts";
import { labels, time } from "./plain.ts";
import { recordFields } from "./record.ts";
import { documents, shownDocuments } from "./request-part.ts";
import { shownWrite, write } from "./write.ts";

const FINISHES = ["powered-on", "disc-read", "os-running", "powered-off", "callback", "agent"] as const;
const EJECTS = ["when-booted", "on-reboot", "on-callback", "at-end", "never"] as const;
const secureBoot = z.enum(["required", "forbidden", "unchanged"]);
const DAY_MS = 86_400_000;

/** `POST /v1/deployments`; what is absent gets its default where the request becomes a record. */
export const deploymentInput = z
  .strictObject({
    node: z.string().min(1).max(255).meta({ description: "Id or name", example: "rack1-u07" }),
    boot: boot.exactOptional().meta({
      description: "May be left out where the agent does the work: its default images are booted then",
    }),
    ...agentWork,
    ...ownOnDisc,
    write: write.exactOptional().meta({ description: "A disk image that the agent writes" }),
    ...documents,
    finish: z.enum(FINISHES).exactOptional().meta({ description: "When the deployment has succeeded" }),
    eject: z.enum(EJECTS).exactOptional().meta({ description: "When the disc leaves the slot" }),
    bootPolicy: z.enum(["once", "persistent"]).exactOptional(),
    bootMode: z.enum(["uefi", "bios"]).exactOptional(),
    secureBoot: secureBoot.exactOptional().meta({
      description: "`required` or `forbidden` is set, proven and else refused; `unchanged` by default",
    }),
    power: z.enum(["on", "off"]).exactOptional().meta({ description: "Final power" }),
    whenBusy: z.enum(["reject", "queue"]).exactOptional(),
    timeoutMs: z
      .int()
      .min(1000)
      .max(7 * DAY_MS)
      .exactOptional()
      .meta({ description: "Counted from `startedAt`" }),
    discTtlMs: z
      .int()
      .min(0)
      .max(30 * DAY_MS)
      .exactOptional(),
    callbackSecret: z
      .string()
      .regex(/^[A-Za-z0-9_-]{32,128}$/, "must be 32 to 128 url-safe characters")
      .exactOptional()
      .meta({ description: "The caller chooses the call-back path; write-only", writeOnly: true }),
    labels: labels.exactOptional(),
  })
  .meta({ id: "DeploymentInput" });

const imageProgress = z
  .object({
    bytesRead: z.int(),
    sizeBytes: z.int(),
    bytesPerSecond: z.number(),
    lastReadAt: time.nullable(),
    etaAt: time.nullable(),
  })
  .meta({ description: "What the agent has read of the disk image; null where none is served to it" });

export const progress = z
  .object({
    percent: z.number().min(0).max(100),
    discBytesRead: z.int().meta({ description: "Distinct bytes, in blocks of 64 KiB" }),
    discSizeBytes: z.int(),
    discShare: z.number().min(0).max(1),
    bytesPerSecond: z.number(),
    lastReadAt: time.nullable(),
    etaAt: time.nullable().meta({ description: "About when it is over; null while nothing tells" }),
    etaFrom: z.enum(["bytes", "history"]).nullable().meta({
      description: "Judged by what is left to read, or by what like deployments took for the steps to come",
    }),
    image: imageProgress.nullable(),
    sampledAt: time,
  })
  .meta({ id: "Progress", description: "A sample, with its own time; never an event" });

const evidence = z.object({
  what: z.string(),
  how: z.string(),
  strength: z.enum(["strong", "weak"]),
  at: time,
});

export const shownRequest = z
  .object({
    node: z.string(),
    purpose: z.string(),
    boot: shownBoot,
    ...shownOwnOnDisc,
    write: shownWrite.optional(),
    agent: shownAgentWork.optional(),
    ...shownDocuments,
    finish: z.enum(FINISHES),
    eject: z.enum(EJECTS),
    bootPolicy: z.enum(["once", "persistent"]),
    bootMode: z.enum(["uefi", "bios"]).nullable(),
    secureBoot,
    power: z.enum(["on", "off"]),
    whenBusy: z.enum(["reject", "queue"]),
    timeoutMs: z.int(),
    discTtlMs: z.int(),
    labels: z.record(z.string(), z.string()),
  })
  .meta({ description: "What was asked, with the defaults that were chosen; without its secrets" });

const callback = z.object({
  status: z.string(),
  percent: z.number().nullable(),
  message: z.string().nullable(),
  at: time,
});

export const shownDeployment = z
  .object({
    ...recordFields,
    progress: progress.nullable(),
    bootProgress: z
      .object({ state: z.string(), at: time })
      .nullable()
      .meta({ description: "How far the BMC said last that the machine's boot was (BootProgress)" }),
    evidence: z.array(evidence),
    warnings: z.array(z.string()),
    callback: callback.nullable().meta({ description: "The call-back that counts" }),
    cancelRequested: z.object({ by: z.string(), at: time }).nullable(),
    clean: z
      .boolean()
      .nullable()
      .meta({ description: "Whether the BMC was left clean; null before the end" }),
    request: shownRequest,
    retryOf: z.string().nullable(),
    campaign: z.string().nullable().meta({ description: "Id of the campaign that asked for it" }),
    retriedAs: z.string().nullable().optional().meta({ description: "On single deployments only" }),
    lateSuccessAt: time.nullable(),
  })
  .meta({ id: "Deployment" });

export type Progress = z.output<typeof progress>;
