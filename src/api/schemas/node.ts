import * as z from "zod";
import type { NodeState } from "../ports.ts";
import { agentFields, shownAgentFields } from "./agent.ts";
import { shownBoot } from "./boot.ts";
import { progress } from "./deployment.ts";
import { exactPartial, labels, time } from "./plain.ts";
import { recordFields } from "./record.ts";

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

const name = z
  .string()
  .regex(
    NAME,
    "must be 1 to 63 letters, digits, dots, dashes or underscores, and begin and end with a letter or digit",
  )
  .meta({ example: "rack1-u07" });
const text = z.string().min(1).max(255);
const url = z
  .string()
  .max(2048)
  .regex(/^https?:\/\/[^\s]+$/i, "must be an http:// or https:// URL");

const tls = z
  .discriminatedUnion("mode", [
    z.strictObject({ mode: z.literal("verify"), ca: z.string().max(65_536).exactOptional() }),
    z.strictObject({
      mode: z.literal("pin"),
      fingerprint: z
        .string()
        .regex(/^sha256:[0-9a-f]{64}$/i, "must be sha256: and 64 hex digits")
        .exactOptional(),
    }),
    z.strictObject({ mode: z.literal("insecure") }),
  ])
  .meta({
    description: "How the BMC's certificate is judged; `pin` without a fingerprint pins the first one seen.",
  });

const bmcFields = {
  address: url.meta({ description: "Scheme, host and port of the BMC", example: "https://10.0.7.21" }),
  username: text,
  password: z.string().min(1).max(1024).meta({ description: "Write-only", writeOnly: true }),
  tls,
  systemId: text
    .nullable()
    .meta({ description: "Redfish Id or `@odata.id`; null lets the BMC's tree decide" }),
};

const nodeFields = {
  name,
  arch: z.enum(["x86_64", "aarch64"]),
  bootMode: z.enum(["uefi", "bios"]).nullable(),
  macs: z
    .array(
      z.string().regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i, "must be a MAC address like 52:54:00:12:34:56"),
    )
    .max(64),
  site: text.nullable(),
  rack: text.nullable(),
  labels,
  protected: z.boolean().meta({ description: "Refuses deployments, power-off and eject" }),
  maintenance: z.boolean(),
  provisionUrl: url.nullable().meta({ description: "Base URL that this BMC is given for discs" }),
  ...agentFields,
};

/** `POST /v1/nodes`. */
export const nodeInput = z
  .strictObject({
    name: nodeFields.name,
    bmc: z.strictObject({
      ...bmcFields,
      tls: tls.default({ mode: "verify" }),
      systemId: bmcFields.systemId.default(null),
    }),
    arch: nodeFields.arch.default("x86_64"),
    bootMode: nodeFields.bootMode.default(null),
    macs: nodeFields.macs.default([]),
    site: nodeFields.site.default(null),
    rack: nodeFields.rack.default(null),
    labels: labels.default({}),
    protected: nodeFields.protected.default(false),
    maintenance: nodeFields.maintenance.default(false),
    provisionUrl: nodeFields.provisionUrl.default(null),
    networkData: nodeFields.networkData.default(null),
    rootDevice: nodeFields.rootDevice.default(null),
    cleaning: nodeFields.cleaning.prefault({}),
    agent: nodeFields.agent.default(null),
  })
  .meta({ id: "NodeInput" });

/** `PATCH /v1/nodes/{id}`: what is absent stays. */
export const nodeChanges = z
  .strictObject({
    ...exactPartial(nodeFields),
    bmc: z.strictObject(exactPartial(bmcFields)).exactOptional(),
  })
  .meta({ id: "NodeChanges" });

const media = z.object({
  deploymentId: z.string(),
  slot: z.string(),
  secondSlot: z.string().optional().meta({ description: "That of a second disc beside it" }),
  eject: z.string(),
  until: time.nullable(),
  owed: z.string().nullable().meta({ description: "What a clean-up could not do" }),
});

export const NODE_STATES = [
  "deployable",
  "deploying",
  "inspecting",
  "cleaning",
  "deployed",
  "failed",
] as const satisfies NodeState[];

const newestDeployment = z
  .object({
    id: recordFields.id,
    state: recordFields.state,
    step: recordFields.step,
    stepNumber: z.int().nullable().meta({ description: "Place of `step` among the steps, from 1" }),
    stepCount: z.int(),
    waitingOn: recordFields.waitingOn,
    progress: progress.nullable().meta({ description: "While it runs" }),
    error: recordFields.error,
    cancelRequested: z.boolean(),
    boot: shownBoot,
    createdAt: recordFields.createdAt,
    startedAt: recordFields.startedAt,
    endedAt: recordFields.endedAt,
  })
  .meta({
    id: "NewestDeployment",
    description: "What a list of nodes shows of each node's newest deployment",
  });

const capabilities = z
  .object({
    at: time.meta({ description: "When it was seen" }),
    redfishVersion: z.string().nullable(),
    biosVersion: z.string().nullable(),
    managers: z.array(
      z.object({ path: z.string(), model: z.string().nullable(), firmwareVersion: z.string().nullable() }),
    ),
    slots: z.array(
      z.object({
        path: z.string(),
        under: z.enum(["system", "manager"]),
        types: z.array(z.string()),
        takesDisc: z.boolean(),
        ways: z.array(z.string()).meta({ description: "Ways to get a disc in, the standard's own first" }),
      }),
    ),
    lack: z.string().nullable().meta({ description: "What is missing where no slot takes a disc" }),
    httpBoot: z.string().nullable().optional().meta({
      description: "The resource whose HttpBootUri the firmware fetches: the way in where no slot works",
    }),
    bootTargets: z.array(z.string()).nullable(),
    resetTypes: z.array(z.string()).nullable(),
    hasBootProgress: z.boolean(),
    quirks: z.array(z.object({ name: z.string(), why: z.string() })).meta({ description: "Rows that apply" }),
    preferred: z
      .object({ path: z.string(), media: z.string(), boot: z.string() })
      .nullable()
      .meta({ description: "What worked last, after other ways had failed" }),
  })
  .meta({ id: "Capabilities", description: "What the BMC showed of itself when it was last described" });

const standing = z
  .object({
    hasSession: z.boolean().meta({ description: "Whether a session of ours is kept open at the BMC" }),
    outage: z
      .object({ failures: z.int(), since: time, nextTryAt: time })
      .nullable()
      .meta({ description: "The BMC could not be reached so often that it is left alone for a while" }),
  })
  .meta({ id: "BmcStanding" });

/** A node as it is shown: never with its password. */
export const shownNode = z
  .object({
    id: z.string().meta({ example: "node_01JD5M6Q0W8Z9V7X6C5B4N3M2A" }),
    ...nodeFields,
    ...shownAgentFields,
    bmc: z.object({
      address: z.string(),
      username: z.string(),
      tls,
      systemId: z.string().nullable(),
      insecure: z.boolean().meta({ description: "Anybody on the way could read the password" }),
      health: z.string().nullable().meta({ description: "Of the machine, as the BMC says" }),
      model: z.string().nullable().meta({ example: "iDRAC 9" }),
      firmware: z.string().nullable(),
      standing: standing.optional().meta({ description: "On single nodes only" }),
    }),
    state: z.enum(NODE_STATES),
    power: z.string().nullable(),
    reachable: z.boolean().nullable(),
    seenAt: time.nullable(),
    systemPath: z.string().nullable(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    serialNumber: z.string().nullable(),
    capabilities: capabilities.nullable().optional().meta({ description: "On single nodes only" }),
    media: media.nullable().meta({ description: "The disc in the slot, its policy and what is owed" }),
    deployment: newestDeployment.nullable(),
    version: z.int(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "Node" });

/** How many nodes there are in each state. */
export const stateCounts = z.object(
  Object.fromEntries(NODE_STATES.map((state) => [state, z.int()])) as Record<NodeState, z.ZodInt>,
);
