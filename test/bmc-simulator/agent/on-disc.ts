import type { DiscReader } from "../disc-reader.ts";
import { openIso } from "../iso-files.ts";

/** What an agent finds on the disc that its machine was booted from. */
export interface AgentDisc {
  /** The kernel's arguments by name; one without a value is empty. */
  args: Readonly<Record<string, string>>;
  /** What the agent copies before it starts: files by their paths. */
  files: Readonly<Record<string, string>>;
}

const GRUB_CONFIGS = ["/boot/grub/grub.cfg", "/EFI/BOOT/grub.cfg"];
/** Where it looks for files, on a volume of one of these names alone (ironic-python-agent, utils.py). */
const LABELS = ["config-2", "vmedia_boot_iso"];
const COPIED_FOLDERS = ["/etc/ironic-python-agent", "/etc/ironic-python-agent.d"];
const NETWORK_DATA = "/openstack/latest/network_data.json";

/**
 * Reads the disc as the agent in its ramdisk would.
 *
 * @returns undefined for a disc whose kernel line starts no agent
 */
export async function readAgentDisc(disc: DiscReader, label: string): Promise<AgentDisc | undefined> {
  const iso = await openIso(disc);
  for (const path of GRUB_CONFIGS) {
    const line = /^\s*linux\s+\S+(.*)$/m.exec((await iso.read(path))?.toString() ?? "")?.[1];
    if (line === undefined) continue;
    const args = argsOf(line);
    if (args["ipa-api-url"] === undefined) return undefined;
    const isLooked = args["boot_method"] === "vmedia" && LABELS.includes(label.toLowerCase());
    return { args, files: isLooked ? await copied(iso) : {} };
  }
  return undefined;
}

function argsOf(line: string): Record<string, string> {
  const words = line
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll(/['"\\]/g, ""));
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

async function copied(iso: Awaited<ReturnType<typeof openIso>>): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const folder of COPIED_FOLDERS)
    for (const name of await iso.list(folder))
      files[`${folder}/${name}`] = (await iso.read(`${folder}/${name}`))?.toString() ?? "";
  const network = await iso.read(NETWORK_DATA);
  return network === undefined ? files : { ...files, [NETWORK_DATA]: network.toString() };
}
