import type { AgentImage, Node } from "../../nodes/index.ts";
import type { BootingInput } from "../defaults.ts";
import { type DeploymentInput, type ImageInput, IntakeError } from "../input.ts";
import { needsAgent } from "./job.ts";

/** The images of which an agent's disc is made. */
export interface AgentImagePair {
  kernel: AgentImage;
  ramdisk: AgentImage;
}

/** The agent's images where neither a request nor its node names some, by architecture. */
export type AgentImageSettings = Partial<Record<Node["arch"], AgentImagePair>>;

export interface AgentImages {
  read(): Promise<AgentImageSettings>;
  write(settings: AgentImageSettings): Promise<void>;
}

/**
 * Settles what is booted: what the request names, else the agent of the node, else the one of its architecture.
 *
 * @throws IntakeError `boot-missing` where no agent is asked for, `agent-images-missing` where none is known
 */
export async function withBoot(
  { agentImages }: { agentImages: Pick<AgentImages, "read"> },
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
  if (iso !== null) return { ...input, boot: { iso: asInput(iso) } };
  const usual = (await agentImages.read())[node.arch];
  const kernel = node.agent?.kernel ?? usual?.kernel;
  const ramdisk = node.agent?.ramdisk ?? usual?.ramdisk;
  if (kernel !== undefined && ramdisk !== undefined)
    return {
      ...input,
      boot: {
        kernel: asInput(kernel),
        ramdisk: asInput(ramdisk),
        ...(rootfs === null ? {} : { rootfs: asInput(rootfs) }),
      },
    };
  throw new IntakeError(`no images of the agent are known for ${node.name}, which is ${node.arch}`, {
    code: "agent-images-missing",
    hint: "Set them with PUT /v1/settings/agent-images, as agent of the node, or as boot of the deployment.",
    fields: [{ path: "boot", message: `is needed, since there are no agent images for ${node.arch}` }],
  });
}

function asInput({ url, checksum }: AgentImage): ImageInput {
  return { url, ...(checksum === null ? {} : { checksum }) };
}
