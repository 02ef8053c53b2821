import { ulid } from "ulid";
import { agentConfigOf, agentKernelArgs, exposeAgent } from "../agent/boot.ts";
import type { Node } from "../../nodes/index.ts";
import { type Disc, fileOfImage, type KernelArgsRequest, uuidOf } from "../../images/index.ts";
import { isComposed } from "../defaults.ts";
import type { Facts } from "../events.ts";
import { callbackPath, discPath } from "../exposure.ts";
import type { DiscOrder, MadeDisc, Parts } from "../parts.ts";
import { type FetchedParts, readData, readFiles } from "../read-parts.ts";
import type { BootSpec, RequestSecrets } from "../request.ts";
import { discSecret, hashOf } from "../secret.ts";
import { done, type Step, type StepContext } from "../step.ts";
import { fetchImages } from "./fetch-images.ts";
import { deploymentOf, known, maybe } from "./known.ts";
import { exposeFile, fileUrl } from "./publish-image.ts";
import { SECOND_DISC, secondSecretOf, secondSlotOf } from "./second-disc.ts";

type Needed = Pick<Parts, "images" | "exposures" | "seals" | "agents" | "blobs" | "log">;

/** Fetches and verifies the images once for all who want them, makes the disc of them, and serves this attempt's disc under a path of its own. */
export function publishDisc(parts: Needed): Step {
  return {
    name: "publish-disc",
    async run(context) {
      const fetched = await fetchImages(parts, context, "the disc is published");
      if ("waiting" in fetched) return fetched.waiting;
      const { images } = fetched;
      const secrets = await context.secrets();
      await exposeCallback(parts, context, secrets);
      if (deploymentOf(context).agent !== undefined) await exposeAgent(parts, context);
      const order = await orderOf(parts, context, images, secrets, fetched.parts);
      const made = await parts.images.makeDisc(order);
      await expose(parts, context, made.disc, secretOf(parts.seals, context));
      if (made.second !== undefined)
        await expose(parts, context, made.second, secondSecretOf(parts.seals, context));
      warnOnce(context, [...made.warnings, ...warnOfSize(order, made)]);
      return done(...learned(context, made, images));
    },
  };
}

/** The step runs again for each slot that is tried. */
function warnOnce(context: StepContext, warnings: readonly string[]): void {
  for (const warning of warnings) if (!context.view.warnings.includes(warning)) context.warn(warning);
}

const USB_DISK_BYTES = 2 ** 32;

/** An agent passes over a USB disk of that size and more (ironic-python-agent, utils.py, `_check_vmedia_device`). */
function warnOfSize({ isForAgent }: DiscOrder, { disc }: MadeDisc): string[] {
  if (!isForAgent || disc.sizeBytes < USB_DISK_BYTES) return [];
  return [
    "the disc has 4 GiB or more: where the BMC shows it as a USB disk, the agent reads no files of it, such as its network's",
  ];
}

function learned(
  context: StepContext,
  { disc, second, told }: MadeDisc,
  images: DiscOrder["images"],
): [Facts, string] {
  const place = secondSlotOf(context);
  const secondDisc =
    second === undefined ? null : { id: second.id, path: place!.slot.path, format: place!.format };
  const digests = Object.entries(images).map(([role, { digest }]) => [role, digest]);
  const facts = {
    disc: { id: disc.id, sizeBytes: disc.sizeBytes },
    secondDisc,
    images: Object.fromEntries(digests),
  };
  return [facts, [...digests.map(([role, digest]) => `${role} ${digest}`), ...told].join(", ")];
}

async function exposeCallback(
  { exposures }: Needed,
  context: StepContext,
  { callbackSecret }: RequestSecrets,
): Promise<void> {
  if (callbackSecret === undefined) return;
  const secretHash = hashOf(callbackSecret);
  await exposures.publish({ kind: "callback", secretHash, recordId: context.view.id });
}

async function orderOf(
  parts: Needed,
  context: StepContext,
  images: DiscOrder["images"],
  secrets: RequestSecrets,
  fetched: FetchedParts,
): Promise<DiscOrder> {
  const { boot, disc, bootMode, agent } = deploymentOf(context);
  const node = await context.node();
  const isCoreOs = agent !== undefined && node.agent?.kind === "coreos";
  const data = {
    ...discData(context, await readData(parts, context, secrets, fetched)),
    ...(isCoreOs ? { userData: await agentConfigOf(parts, context) } : {}),
  };
  const own =
    agent === undefined
      ? callbackArgument(context, boot, secrets)
      : [
          ...(isCoreOs ? await rootfsArgument(parts, context, images) : [agentKernelArgs(parts, context)]),
          node.agent?.kernelArgs ?? "",
        ];
  const second = secondSlotOf(context) ?? null;
  return {
    discId: `disc_${ulid(context.nowMs())}`,
    holder: context.view.id,
    images,
    kernelArgs: own.reduce(withArgument, disc.kernelArgs),
    isForAgent: agent !== undefined && !isCoreOs,
    files: [
      ...(await readFiles(parts, context, secrets, fetched)),
      ...(agent === undefined || isCoreOs ? [] : agentFiles(parts.agents.ca)),
    ],
    data,
    nodeNetworkData: node.networkData,
    names: { uuid: uuidOf(context.view.id), name: node.name },
    label: disc.label ?? (agent === undefined || isCoreOs ? null : agentLabel(parts, node, data, boot)),
    via: disc.via ?? "auto",
    second: second && { discId: `${SECOND_DISC}${ulid(context.nowMs())}`, format: second.format },
    arch: node.arch,
    bootMode: bootMode ?? node.bootMode,
  };
}

const CA_PATH = "/etc/ironic-python-agent/trayload-ca.crt";

/** What the agent copies from its disc before it starts: whom it trusts. */
function agentFiles(ca: string | null): DiscOrder["files"] {
  const file = (path: string, text: string) => ({ path, content: Buffer.from(text), inRamdisk: false });
  const trust = `[DEFAULT]\ncafile = ${CA_PATH}\n`;
  return ca === null ? [] : [file(CA_PATH, ca), file("/etc/ironic-python-agent.d/trayload.conf", trust)];
}

/** An agent's ISO is not made for us, and under other labels than these nothing that is put onto it would be read. */
function agentLabel(
  { agents }: Needed,
  node: Node,
  data: DiscOrder["data"],
  boot: BootSpec,
): "config-2" | "VMEDIA_BOOT_ISO" | null {
  if (hasNetwork(node, data)) return "config-2";
  return agents.ca !== null && !isComposed(boot) ? "VMEDIA_BOOT_ISO" : null;
}

const hasNetwork = (node: Node, { networkData }: DiscOrder["data"]): boolean =>
  (networkData === undefined ? node.networkData : networkData) !== null;

/** Of the documents for a system that an agent writes, the agent itself reads how the machine's network is set up. */
function discData(context: StepContext, data: DiscOrder["data"]): DiscOrder["data"] {
  if (deploymentOf(context).agent === undefined) return data;
  return data.networkData === undefined ? {} : { networkData: data.networkData };
}

/** What a CoreOS ramdisk reads beside itself lies under a path of its own (coreos-installer, "live rootfs"). */
async function rootfsArgument(
  parts: Needed,
  context: StepContext,
  { rootfs }: DiscOrder["images"],
): Promise<string[]> {
  if (rootfs === undefined) return [];
  await exposeFile(parts, context, "rootfs", fileOfImage(rootfs, `fs_${ulid(context.nowMs())}`));
  return [`coreos.live.rootfs_url=${fileUrl(parts, context, "rootfs")}`];
}

/** An ISO made beforehand knows a path that its caller chose, and may have no menu that could tell it. */
function callbackArgument(
  context: StepContext,
  boot: BootSpec,
  { callbackSecret, isCallbackOurs }: RequestSecrets,
): string[] {
  if (callbackSecret === undefined || !(isComposed(boot) || isCallbackOurs === true)) return [];
  return [`trayload.callback=${known(context, "provisionUrl")}${callbackPath(callbackSecret)}`];
}

function withArgument(args: KernelArgsRequest, argument: string): KernelArgsRequest {
  const { append = "", ...others } = typeof args === "string" ? { append: args } : args;
  return { ...others, append: `${append} ${argument}`.trim() };
}

/** Asked again after a crash, the same attempt publishes a disc of the same path once more. */
async function expose(parts: Needed, context: StepContext, disc: Disc, secret: string): Promise<void> {
  await parts.exposures.publish({
    kind: "disc",
    secretHash: hashOf(secret),
    recordId: context.view.id,
    disc,
    bmcHost: new URL((await context.node()).bmc.address).hostname,
  });
}

/** The URL that the slot is given; made anew each time rather than kept, since whoever has it can read the disc. */
export function discUrl({ seals }: Pick<Parts, "seals">, context: StepContext): string {
  return `${known(context, "provisionUrl")}${discPath(secretOf(seals, context))}`;
}

export function secretOf(seals: Parts["seals"], context: StepContext): string {
  return discSecret(seals, ownerOf(context), maybe(context, "attempt") ?? 0);
}

/** The deployment that the disc was published by. */
export function ownerOf(context: StepContext): string {
  return maybe(context, "discOwner") ?? context.view.id;
}
