import type { Sender } from "./client.ts";
import { isObject, type Loose, readOrMissing, stringAt } from "./json.ts";
import { readExpanded, readMembers } from "./members.ts";
import { type MediaActions, mediaActionsOf } from "./media-actions.ts";
import { tagOf } from "./patch.ts";
import type { Ways } from "./quirks/index.ts";
import type { System } from "./system.ts";

/** One virtual-media device as it reads now. */
export interface Slot extends MediaActions, Pick<Ways, "insertsWith" | "insertRefusals"> {
  /** `@odata.id`, without a trailing slash. */
  path: string;
  id: string;
  /** Which resource lists it; the system's own slots come first. */
  under: "system" | "manager";
  /** Whether a disc can go in. Where the BMC names no media types (AMI MegaRAC), its Id has to tell. */
  takesDisc: boolean;
  /** Set where neither types nor Id say anything. */
  mayTakeDisc?: boolean;
  /** Whether something is in it. */
  isInserted: boolean;
  /** URL of what is in it; undefined when empty, which BMCs write as null, "", "None" or not at all. */
  image: string | undefined;
  etag: string | undefined;
}

/**
 * Lists the slots of a system and of the managers that manage it, the system's first.
 *
 * Collections that answer 404 (sushy-tools) or have no members (Intel, some Supermicro) count as empty; members without
 * `@odata.id` and dead links are passed over. A slot that both list is given once.
 *
 * @param everySlot false to leave the managers' slots alone where the system has one that takes a disc
 * @param evenUnlinked whether to look for collections that no resource links
 */
export async function listSlots(
  sender: Sender,
  system: Pick<System, "path" | "managers">,
  everySlot = true,
  evenUnlinked = false,
): Promise<Slot[]> {
  const own = (await sender.send("GET", system.path)).body;
  const found = await slotsOf(sender, evenUnlinked ? linked(own, system.path) : own, "system");
  if (!everySlot && found.some((slot) => slot.takesDisc)) return found;
  for (const path of system.managers) {
    const manager = await readOrMissing(sender, path);
    found.push(...(await slotsOf(sender, evenUnlinked ? linked(manager, path) : manager, "manager")));
  }
  return believe([...new Map(found.toReversed().map((slot) => [slot.path, slot])).values()].toReversed());
}

/** Where no slot says that it takes discs, those that say nothing at all are taken for such. */
function believe(slots: Slot[]): Slot[] {
  if (slots.some((slot) => slot.takesDisc)) return slots;
  return slots.map((slot) => (slot.mayTakeDisc ? { ...slot, takesDisc: true } : slot));
}

/** With the link to the collection where the standard has it (DSP0268, VirtualMedia), for trees that leave it out. */
function linked(owner: unknown, path: string): unknown {
  if (!isObject(owner) || stringAt(owner, "VirtualMedia", "@odata.id") !== undefined) return owner;
  return { ...owner, VirtualMedia: { "@odata.id": `${path}/VirtualMedia` } };
}

/** Reads one slot again, past any cache of ours: the proof of an insert or an eject. */
export async function readSlot(sender: Sender, path: string, under: Slot["under"]): Promise<Slot> {
  const { body, headers } = await sender.send("GET", path);
  const slot = toSlot(isObject(body) ? body : {}, path, under);
  return { ...slot, etag: tagOf(headers, body) };
}

async function slotsOf(sender: Sender, owner: unknown, under: Slot["under"]): Promise<Slot[]> {
  const link = stringAt(owner, "VirtualMedia", "@odata.id");
  if (link === undefined) return [];
  const members = await readMembers(sender, link);
  return members.flatMap(([path, body]) => (isObject(body) ? [toSlot(body, path, under)] : []));
}

/**
 * Reads slots that are known again, those of one collection in one request where the BMC offers that.
 *
 * @throws RedfishError `bmc-not-found` when one is gone
 */
export async function readSlots(sender: Sender, slots: readonly Slot[], expands: boolean): Promise<Slot[]> {
  const collections = new Set(slots.map(({ path }) => path.slice(0, path.lastIndexOf("/"))));
  const isWorthIt = expands && slots.length > collections.size;
  const read = await Promise.all(
    isWorthIt ? [...collections].map((collection) => readExpanded(sender, collection)) : [],
  );
  const bodies = new Map(read.flatMap((members) => members ?? []));
  return Promise.all(
    slots.map(async ({ path, under }) => {
      const body = bodies.get(path);
      return isObject(body) ? toSlot(body, path, under) : readSlot(sender, path, under);
    }),
  ).then(believe);
}

const DISC = /cd|dvd/i;
/** An Id may be hexadecimal, and is no CD then. */
const DISC_ID = /(^|[^0-9a-f])(cd|dvd)/i;
const NO_DISC_ID = /usb|floppy|removable|stick|fdd|hdd/i;

function toSlot(body: Loose, path: string, under: Slot["under"]): Slot {
  const said = stringAt(body, "Image");
  const image = said === "None" ? undefined : said;
  const inserted = body["Inserted"];
  const id = stringAt(body, "Id") ?? path.split("/").at(-1)!;
  const types = [body["MediaTypes"]].flat().filter((type) => typeof type === "string");
  return {
    path,
    id,
    under,
    takesDisc: types.length > 0 ? types.some((type) => DISC.test(type)) : DISC_ID.test(id),
    ...(types.length === 0 && !NO_DISC_ID.test(id) && { mayTakeDisc: true }),
    ...mediaActionsOf(body),
    // Inserted is not a required property; without it only the image tells.
    isInserted: typeof inserted === "boolean" ? inserted : image !== undefined,
    image,
    etag: tagOf({}, body),
  };
}
