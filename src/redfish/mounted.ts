import type { Sender } from "./client.ts";
import { isObject, linksOf, type Loose, readOrMissing, stringAt } from "./json.ts";
import type { Slot } from "./slots.ts";

/**
 * Supermicro's boards of before the standard's actions have a configuration of where the image lies, which the collection
 * names under Oem; the drive itself is a member of the collection only while something is mounted in it (recorded answers
 * of X10 and X11 boards in quadsproject/badfish, tests; Supermicro's Redfish guide, 7.24.2).
 *
 * @returns the path of the configuration; undefined where the collection names none
 */
export function configurationIn(collection: unknown): string | undefined {
  const oem = isObject(collection) ? collection["Oem"] : undefined;
  const makers = isObject(oem) ? Object.values(oem) : [];
  return makers.flatMap((maker) => linksOf(maker, "VirtualMediaConfig"))[0];
}

/**
 * Tells what is mounted, from the drive and not from the configuration: what is written there stays, whether the mount has
 * worked or not.
 *
 * @param slot the configuration, as it was read; called only when something is mounted
 * @param collection where the drive is listed while something is in it
 */
export async function readMounted(
  sender: Sender,
  collection: string,
  slot: () => Promise<Slot>,
): Promise<Slot | undefined> {
  const drives = linksOf(await readOrMissing(sender, collection), "Members");
  const bodies = await Promise.all(drives.map((path) => readOrMissing(sender, path)));
  const mounted = bodies.find((body) => isObject(body) && body["Inserted"] === true);
  if (!isObject(mounted)) return undefined;
  const written = await slot();
  return { ...written, image: imageIn(mounted, written.image) };
}

/** Older firmware names the file alone, and newer has forms of its own: what was written counts where the name is the same. */
function imageIn(drive: Loose, written: string | undefined): string | undefined {
  const said = stringAt(drive, "Image");
  const name = stringAt(drive, "ImageName") ?? said?.split("/").at(-1);
  const isWritten = written !== undefined && (name === undefined || written.endsWith(`/${name}`));
  return isWritten ? written : (said ?? name);
}
