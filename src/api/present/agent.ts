import type * as z from "zod";
import type { AgentImageSettings } from "../../deploy/index.ts";
import type { AgentImage, NodeAgent } from "../../nodes/index.ts";
import type { shownAgentFields, shownAgentImages } from "../schemas/agent.ts";

type ShownAgent = z.input<typeof shownAgentFields.agent>;
type ShownImage = z.input<typeof shownAgentImages>["x86_64"] & {};

/** An agent without what the servers of its images ask for. */
export function presentAgent(agent: NodeAgent | null): ShownAgent {
  if (agent === null) return null;
  const { kernel, ramdisk, iso, rootfs, ...others } = agent;
  return {
    ...others,
    kernel: kernel && presentImage(kernel),
    ramdisk: ramdisk && presentImage(ramdisk),
    ...(iso === undefined ? {} : { iso: iso && presentImage(iso) }),
    ...(rootfs === undefined ? {} : { rootfs: rootfs && presentImage(rootfs) }),
  };
}

/** The same for the agent's images by architecture. */
export function presentAgentImages(settings: AgentImageSettings): z.input<typeof shownAgentImages> {
  const shown = Object.entries(settings).map(([arch, { kernel, ramdisk }]) => [
    arch,
    { kernel: presentImage(kernel), ramdisk: presentImage(ramdisk) },
  ]);
  return Object.fromEntries(shown) as z.input<typeof shownAgentImages>;
}

function presentImage({ sealedAuth, ...image }: AgentImage): ShownImage["kernel"] {
  return { ...image, ...(sealedAuth === undefined ? {} : { hasAuth: true }) };
}
