import type { AgentImage, NodeAgent } from "./node.ts";

/** What an image's server asks for. */
export type ImageLogin = { username: string; password: string } | { bearer: string };

/**
 * An image as a person gives it. Without `auth`, one that keeps its URL keeps what was sealed for it; null takes that away.
 */
export type AgentImageInput = Omit<AgentImage, "sealedAuth"> & { auth?: ImageLogin | null };

const ROLES = ["kernel", "ramdisk", "iso", "rootfs"] as const;

/** An agent as a person gives it. */
export type NodeAgentInput = Omit<NodeAgent, (typeof ROLES)[number]> & {
  [Role in (typeof ROLES)[number]]?: AgentImageInput | null;
};

interface Seals {
  seal(plain: string, boundTo: string): string;
  open(sealed: string, boundTo: string): string;
}

/**
 * Seals what an image's server asks for.
 *
 * @param before what stood there, of which the log-in stays when the image keeps its URL
 * @param owner whose image it is: it opens for the same one only
 */
export function sealImage(
  { seal }: Pick<Seals, "seal">,
  { auth, ...image }: AgentImageInput,
  before: AgentImage | null | undefined,
  owner: string,
): AgentImage {
  if (auth === null) return image;
  if (auth !== undefined)
    return { ...image, sealedAuth: seal(JSON.stringify(auth), placeOfAgentImage(owner)) };
  const kept = before?.url === image.url ? before.sealedAuth : undefined;
  return kept === undefined ? image : { ...image, sealedAuth: kept };
}

/** What the image's server asks for; undefined for nothing. @throws NodeError `secret-unreadable` */
export function loginOf(
  { open }: Pick<Seals, "open">,
  { sealedAuth }: AgentImage,
  owner: string,
): ImageLogin | undefined {
  return sealedAuth === undefined
    ? undefined
    : (JSON.parse(open(sealedAuth, placeOfAgentImage(owner))) as ImageLogin);
}

/** The same for all images of an agent. */
export function sealAgent(
  seals: Pick<Seals, "seal">,
  given: NodeAgentInput,
  before: NodeAgent | null,
  owner: string,
): NodeAgent {
  const sealed = ROLES.flatMap((role) => {
    const image = given[role];
    if (image === undefined) return [];
    return [[role, image && sealImage(seals, image, before?.[role], owner)] as const];
  });
  return { kernel: null, ramdisk: null, ...given, ...Object.fromEntries(sealed) } as NodeAgent;
}

/** What the sealed log-ins of an owner are bound to: a node, or the settings. */
export function placeOfAgentImage(owner: string): string {
  return `${owner}/agent-image`;
}
