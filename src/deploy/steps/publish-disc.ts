import { ulid } from "ulid";
import type { Node } from "../../nodes/index.ts";
import type { Disc, KernelArgsRequest } from "../../images/index.ts";
import { agentKernelArgs, exposeAgent } from "../agent/boot.ts";
import { isComposed } from "../defaults.ts";
import type { Facts } from "../events.ts";
import { callbackPath, discPath } from "../exposure.ts";
import type { DiscOrder, MadeDisc, Parts } from "../parts.ts";
import type { RequestSecrets } from "../request.ts";
import { discSecret, hashOf } from "../secret.ts";
import { done, type Step, type StepContext } from "../step.ts";
import { fetchImages } from "./fetch-images.ts";
import { deploymentOf, known, maybe } from "./known.ts";

type Needed = Pick<Parts, "images" | "exposures" | "seals" | "agents" | "log">;

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
      const made = await parts.images.makeDisc(await orderOf(parts, context, images, secrets));
      await expose(parts, context, made.disc);
      warnOnce(context, made.warnings);
      return done(...learned(made, images));
    },
  };
}

/** The step runs again for each slot that is tried. */
function warnOnce(context: StepContext, warnings: readonly string[]): void {
  for (const warning of warnings) if (!context.view.warnings.includes(warning)) context.warn(warning);
}

function learned({ disc, told }: MadeDisc, images: DiscOrder["images"]): [Facts, string] {
  const digests = Object.entries(images).map(([role, { digest }]) => [role, digest]);
  const facts = { disc: { id: disc.id, sizeBytes: disc.sizeBytes }, images: Object.fromEntries(digests) };
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
  parts: Pick<Parts, "seals" | "agents">,
  context: StepContext,
  images: DiscOrder["images"],
  { filesBase64 = [], callbackSecret, isCallbackOurs }: RequestSecrets,
): Promise<DiscOrder> {
  const { boot, disc, bootMode, agent } = deploymentOf(context);
  const node = await context.node();
  // An ISO made beforehand knows a path that its caller chose, and may have no menu that could tell it.
  const callback =
    callbackSecret !== undefined && agent === undefined && (isComposed(boot) || isCallbackOurs === true)
      ? [`trayload.callback=${known(context, "provisionUrl")}${callbackPath(callbackSecret)}`]
      : [];
  const own =
    agent === undefined ? callback : [agentKernelArgs(parts, context), node.agent?.kernelArgs ?? ""];
  return {
    discId: `disc_${ulid(context.nowMs())}`,
    holder: context.view.id,
    images,
    kernelArgs: own.reduce(withArgument, disc.kernelArgs),
    files: [
      ...disc.files.map(({ path }, index) => ({ path, content: Buffer.from(filesBase64[index]!, "base64") })),
      ...(agent === undefined ? [] : agentFiles(node, parts.agents.ca)),
    ],
    label: disc.label,
    arch: node.arch,
    bootMode: bootMode ?? node.bootMode,
  };
}

const CA_PATH = "/etc/ironic-python-agent/trayload-ca.crt";

/** What the agent copies from its disc before it starts: whom it trusts, and how the machine's network is set up. */
function agentFiles({ networkData }: Node, ca: string | null): DiscOrder["files"] {
  const file = (path: string, text: string) => ({ path, content: Buffer.from(text) });
  const trust = `[DEFAULT]\ncafile = ${CA_PATH}\n`;
  return [
    ...(ca === null ? [] : [file(CA_PATH, ca), file("/etc/ironic-python-agent.d/trayload.conf", trust)]),
    ...(networkData === null
      ? []
      : [file("/openstack/latest/network_data.json", JSON.stringify(networkData))]),
  ];
}

function withArgument(args: KernelArgsRequest, argument: string): KernelArgsRequest {
  const { append = "", ...others } = typeof args === "string" ? { append: args } : args;
  return { ...others, append: `${append} ${argument}`.trim() };
}

/** Asked again after a crash, the same attempt publishes a disc of the same path once more. */
async function expose(parts: Needed, context: StepContext, disc: Disc): Promise<void> {
  await parts.exposures.publish({
    kind: "disc",
    secretHash: hashOf(secretOf(parts.seals, context)),
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
