import { type AgentImage, type AgentImageInput, loginOf, type Node } from "../../nodes/index.ts";
import type { BootingInput } from "../defaults.ts";
import { type DeploymentInput, type ImageInput, IntakeError } from "../input.ts";
import type { Parts } from "../parts.ts";
import { needsAgent } from "./job.ts";

/** The images of which an agent's disc is made. */
export interface AgentImagePair {
  kernel: AgentImage;
  ramdisk: AgentImage;
}

/** The agent's images where neither a request nor its node names some, by architecture. */
export type AgentImageSettings = Partial<Record<Node["arch"], AgentImagePair>>;

/** The same as a person gives them. */
export type AgentImageSettingsInput = Partial<
  Record<Node["arch"], { kernel: AgentImageInput; ramdisk: AgentImageInput }>
>;

/** Where they are kept, with what their servers ask for sealed. */
export interface AgentImageStore {
  read(): Promise<AgentImageSettings>;
  write(settings: AgentImageSettings): Promise<void>;
}

export interface AgentImages {
  read(): Promise<AgentImageSettings>;
  /** What is absent is forgotten, but for the log-ins of images that keep their URL. */
  write(settings: AgentImageSettingsInput): Promise<void>;
}

/** To whom the log-ins of the settings' images are bound. */
export const AGENT_IMAGES = "settings";

/**
 * Settles what is booted: what the request names, else the agent of the node, else the one of its architecture.
 *
 * @throws IntakeError `boot-missing` where no agent is asked for, `agent-images-missing` where none is known
 */
export async function withBoot(
  { agentImages, seals }: { agentImages: Pick<AgentImages, "read"> } & Pick<Parts, "seals">,
  node: Node,
  input: DeploymentInput,
): Promise<BootingInput> {
  const { boot } = input;
  if (boot !== undefined) return { ...input, boot };
  if (!needsAgent(input))
    throw new IntakeError("the deployment names nothing to boot", {
      code: "boot-missing",
      hint: "Give an iso, a kernel and a ramdisk, or something for the agent to do.",
      fields: [{ path: "boot", message: "is needed" }],
    });
  const { iso = null, rootfs = null } = node.agent ?? {};
  const own = (image: AgentImage) => asInput(seals, image, node.id);
  if (iso !== null) return { ...input, boot: { iso: own(iso) } };
  const usual = (await agentImages.read())[node.arch];
  const choose = (role: "kernel" | "ramdisk") => {
    const image = node.agent?.[role];
    if (image) return own(image);
    return usual && asInput(seals, usual[role], AGENT_IMAGES);
  };
  const kernel = choose("kernel");
  const ramdisk = choose("ramdisk");
  if (kernel !== undefined && ramdisk !== undefined)
    return {
      ...input,
      boot: { kernel, ramdisk, ...(rootfs === null ? {} : { rootfs: own(rootfs) }) },
    };
  throw new IntakeError(`no images of the agent are known for ${node.name}, which is ${node.arch}`, {
    code: "agent-images-missing",
    hint: "Set them with PUT /v1/settings/agent-images, as agent of the node, or as boot of the deployment.",
    fields: [{ path: "boot", message: `is needed, since there are no agent images for ${node.arch}` }],
  });
}

function asInput(seals: Parts["seals"], image: AgentImage, owner: string): ImageInput {
  const { url, checksum, member, tls } = image;
  const auth = loginOf(seals, image, owner);
  return {
    url,
    ...(checksum === null ? {} : { checksum }),
    ...(member === undefined ? {} : { member }),
    ...(tls === undefined ? {} : { tls }),
    ...(auth === undefined ? {} : { auth }),
  };
}
