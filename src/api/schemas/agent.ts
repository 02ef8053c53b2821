import * as z from "zod";
import { checkRootDevice } from "../../deploy/index.ts";
import { networkDataSchema } from "../../images/index.ts";
import { imageFields } from "./image.ts";
import { time } from "./plain.ts";

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const DAY_MS = 86_400_000;

/** Arguments as the agent's hardware managers take them. */
const args = z.record(z.string().max(128), z.unknown());

/** One step that the agent is asked to do. */
const stepInput = z
  .strictObject({
    interface: z.string().regex(NAME).meta({ description: "deploy, raid, bios, …", example: "deploy" }),
    step: z.string().regex(NAME).meta({ example: "install_coreos" }),
    args: args.exactOptional().meta({
      description: "Sealed, and shown with everything masked whose name says that it is secret",
    }),
    priority: z.int().min(0).max(1000).exactOptional().meta({
      description: "Higher ones run first; without one, in the order given and before the disk is written",
    }),
    timeoutMs: z
      .int()
      .min(1000)
      .max(7 * DAY_MS)
      .exactOptional()
      .meta({ description: "Limit of this step alone: an hour unless told, a day for erase_devices" }),
  })
  .meta({ id: "AgentStepInput" });

const CLEANING =
  "before: the disks lose their metadata before the steps of each deployment by the agent. after: they do when one fails or " +
  "is cancelled after its first step had begun, so that nothing half-written is left";

/** What a deployment asks of the agent. */
export const agentWork = {
  purpose: z.enum(["deploy", "inspect", "clean"]).exactOptional().meta({
    description: "inspect keeps an inventory of the node; clean runs steps of cleaning",
  }),
  agentSteps: z.array(stepInput).max(100).exactOptional().meta({
    description:
      "What ironic-python-agent is to do, from what its hardware managers offer; erase_devices_metadata for purpose clean unless given",
  }),
  collectLogs: z.enum(["on-failure", "always", "never"]).exactOptional().meta({
    description: "When the agent's log is kept with the deployment",
  }),
  cleaning: z
    .strictObject({ before: z.boolean().exactOptional(), after: z.boolean().exactOptional() })
    .exactOptional()
    .meta({ description: `In place of the node's setting. ${CLEANING}` }),
  confirm: z.boolean().exactOptional().meta({ description: "Must be true for steps that destroy data" }),
};

export const shownAgentWork = z
  .object({
    steps: z.array(
      z.object({
        interface: z.string(),
        step: z.string(),
        args,
        priority: z.int(),
        timeoutMs: z.int(),
      }),
    ),
    collectLogs: z.enum(["on-failure", "always", "never"]),
    cleansAfter: z.boolean().optional().meta({
      description: "Whether the disks lose their metadata when it comes to no good end",
    }),
  })
  .meta({ description: "What the agent does, in the order in which it runs" });

/** What one step of a deployment has the agent do. */
export const shownAgentStep = z.object({
  interface: z.string(),
  step: z.string(),
  args,
  priority: z.int(),
});

const agentImage = z
  .strictObject({
    ...imageFields,
    checksum: imageFields.checksum.unwrap().nullable().default(null),
    auth: imageFields.auth.unwrap().nullable().exactOptional().meta({
      description:
        "Write-only. Without it an image that keeps its URL keeps the one it has; null takes that away",
      writeOnly: true,
    }),
    hasAuth: z.boolean().exactOptional().meta({
      description: "Shown where there is an `auth`, and passed over, so that what was read may be sent back",
    }),
  })
  .transform(({ hasAuth: _shown, ...image }) => image);

const shownImage = z.object({
  url: z.string(),
  checksum: z.string().nullable(),
  member: z.string().optional(),
  tls: z.object({ ca: z.string().optional(), fingerprint: z.string().optional() }).optional(),
  hasAuth: z
    .boolean()
    .optional()
    .meta({ description: "Whether its server is sent an `auth`, which is never shown" }),
});
const shownAgentImage = shownImage.nullable();

const nodeAgent = z
  .strictObject({
    kind: z.enum(["ipa", "coreos"]).default("ipa").meta({
      description:
        "ipa: a ramdisk with the agent. coreos: a live system of CoreOS that runs it as a container",
    }),
    kernel: agentImage.nullable().default(null),
    ramdisk: agentImage.nullable().default(null),
    iso: agentImage.nullable().default(null).meta({
      description:
        "In place of a kernel and a ramdisk: an ISO with the agent, or with kind coreos its live ISO",
    }),
    rootfs: agentImage.nullable().default(null).meta({
      description: "coreos with a kernel and a ramdisk: its root file system, which they read",
    }),
    ignition: z.record(z.string(), z.unknown()).nullable().default(null).meta({
      description: "coreos: a config for the live system, merged over the one that starts the agent",
    }),
    kernelArgs: z.string().max(2048).default(""),
  })
  .refine(({ kernel, ramdisk }) => (kernel === null) === (ramdisk === null), {
    message: "needs a kernel and a ramdisk, or neither",
  })
  .refine(
    ({ kind, rootfs, ignition }) => kind === "coreos" || [rootfs, ignition].every((one) => one === null),
    {
      message: "takes rootfs and ignition with kind coreos only",
    },
  )
  .refine(({ kernel, iso }) => kernel === null || iso === null, {
    message: "takes either an iso, or a kernel and a ramdisk",
  })
  .refine(
    ({ kind, kernel, iso, rootfs }) =>
      kind === "ipa" || (iso === null) !== (kernel === null || rootfs === null),
    {
      message: "needs an iso with kind coreos, or a kernel, a ramdisk and a rootfs",
    },
  );

const rootDevice = z.record(z.string(), z.unknown()).superRefine((hints, context) => {
  for (const { hint, message } of checkRootDevice(hints))
    context.addIssue({ code: "custom", path: [hint], message });
});

/** A node's fields that concern the agent. */
export const agentFields = {
  networkData: networkDataSchema.nullable().meta({
    description: "OpenStack's network_data.json, for discs that are made for this node",
  }),
  rootDevice: rootDevice.nullable().meta({
    description: "Root device hints, by which the agent finds the disk to write to",
  }),
  cleaning: z
    .strictObject({
      before: z.boolean().default(false),
      after: z.boolean().default(false),
    })
    .meta({ description: CLEANING }),
  agent: nodeAgent.nullable().meta({
    description: "The agent of this node; null takes the images of its architecture",
  }),
};

export const shownAgentFields = {
  networkData: z.record(z.string(), z.unknown()).nullable(),
  rootDevice: z.record(z.string(), z.unknown()).nullable(),
  cleaning: z.object({ before: z.boolean(), after: z.boolean() }),
  agent: z
    .object({
      kind: z.enum(["ipa", "coreos"]),
      kernel: shownAgentImage,
      ramdisk: shownAgentImage,
      iso: shownAgentImage.optional(),
      rootfs: shownAgentImage.optional(),
      ignition: z.record(z.string(), z.unknown()).nullable().optional(),
      kernelArgs: z.string(),
    })
    .nullable(),
};

const pair = z.strictObject({ kernel: agentImage, ramdisk: agentImage });
const shownPair = z.object({ kernel: shownImage, ramdisk: shownImage });

/** `PUT /v1/settings/agent-images`. */
export const agentImages = z
  .strictObject({ x86_64: pair.exactOptional(), aarch64: pair.exactOptional() })
  .meta({ id: "AgentImagesInput", description: "The agent's images by architecture" });

export const shownAgentImages = z
  .object({ x86_64: shownPair.optional(), aarch64: shownPair.optional() })
  .meta({ id: "AgentImages", description: "The same without what their servers ask for" });

/** `GET /v1/nodes/{id}/inventory`. */
export const shownInventory = z
  .object({
    deploymentId: z.string(),
    at: time,
    rootDisks: z
      .array(
        z.object({
          name: z.string(),
          sizeBytes: z.int(),
          serial: z.string().nullable(),
          model: z.string().nullable(),
          wwn: z.string().nullable(),
          rotational: z.boolean().nullable(),
          byPath: z.string().nullable(),
        }),
      )
      .meta({ description: "Disks that are large enough, smallest first: the agent's order without hints" }),
    macs: z.array(z.string()),
    lldp: z.array(z.object({ interface: z.string(), tlvs: z.array(z.tuple([z.number(), z.string()])) })),
    mismatches: z
      .array(z.object({ field: z.string(), recorded: z.string(), found: z.string() }))
      .meta({ description: "Where the node's record says otherwise than the machine" }),
    inventory: z.looseObject({}).meta({ description: "All of it, as the agent spells it" }),
    data: z.looseObject({}).meta({ description: "What its other collectors gave" }),
  })
  .meta({ id: "Inventory" });
