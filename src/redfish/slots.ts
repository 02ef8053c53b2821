import type { Sender } from "./client.ts";
import { headerOf, isObject, type Loose, type Member, readOrMissing, stringAt } from "./json.ts";
import { readCollection, readExpanded, readMembers, troubleIn } from "./members.ts";
import { configurationIn, readMounted } from "./mounted.ts";
import { type MediaActions, mediaActionsOf, type MediaWay, waysInto } from "./media-actions.ts";
import { tagOf } from "./patch.ts";
import type { Ways } from "./quirks/index.ts";
import type { System } from "./system.ts";

/** One virtual-media device as it reads now. */
export interface Slot extends MediaActions, Pick<Ways, "insertsWith" | "insertRefusals" | "busyMessages"> {
  /** `@odata.id`, without a trailing slash. */
  path: string;
  id: string;
  /** Which resource lists it; the system's own slots come first. */
  under: "system" | "manager";
  /** Redfish MediaTypes as listed; empty where there are none. */
  types: readonly string[];
  /** Whether a disc can go in. Where the BMC names no media types (AMI MegaRAC), its Id has to tell. */
  takesDisc: boolean;
  /** Set where neither types nor Id say anything. */
  mayTakeDisc?: boolean;
  /** Whether something is in it. */
  isInserted: boolean;
  /** URL of what is in it; undefined when empty, which BMCs write as null, "", "None" or not at all. */
  image: string | undefined;
  etag: string | undefined;
  /** The way in that was chosen; without a choice it is the first that the slot offers. */
  way?: MediaWay;
  /** The name under `Oem` below which the slot has `BootOnNextServerReset` (HPE). */
  bootsNextBy?: string;
  /** The collection that lists a drive while something is mounted by this configuration (Supermicro). */
  mountsIn?: string;
  /** Set where it reads back what was written into it, and nothing tells whether that is mounted. */
  isOnlyWritten?: boolean;
}

/**
 * Lists the slots of a system and of the managers that manage it, the system's first.
 *
 * Collections that answer 404 (sushy-tools) or have no members (Intel, some Supermicro) count as empty; members without
 * `@odata.id` and dead links are passed over. A slot that both list is given once.
 *
 * @param order the slots that come into question, best first, to stop at the first that takes a disc: the managers' are left
 *   alone then, and the others where each would cost a request. Every slot is listed unless told.
 * @param evenUnlinked whether to look for collections that no resource links
 */
export async function listSlots(
  sender: Sender,
  system: Pick<System, "path" | "managers">,
  order?: (paths: string[]) => string[],
  evenUnlinked = false,
): Promise<Slot[]> {
  const own = (await sender.send("GET", system.path)).body;
  const found = await slotsOf(sender, evenUnlinked ? linked(own, system.path) : own, "system", order);
  if (order !== undefined && found.some((slot) => slot.takesDisc)) return found;
  for (const path of system.managers) {
    const manager = await readOrMissing(sender, path);
    found.push(...(await slotsOf(sender, evenUnlinked ? linked(manager, path) : manager, "manager", order)));
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
export async function readSlot(sender: Sender, slot: Slot): Promise<Slot> {
  const { path, under, mountsIn } = slot;
  const read = async (): Promise<Slot> => {
    const { body, headers } = await sender.send("GET", path);
    const found = toSlot(isObject(body) ? body : {}, path, under, headerOf(headers, "allow"));
    return { ...found, etag: tagOf(headers, body) };
  };
  return mountsIn === undefined ? read() : readMountable(sender, mountsIn, slot, read);
}

async function readMountable(
  sender: Sender,
  mountsIn: string,
  listed: Slot,
  read: () => Promise<Slot>,
): Promise<Slot> {
  const mounted = await readMounted(sender, mountsIn, read);
  const { isOnlyWritten: _proven, ...slot } = mounted ?? { ...listed, image: undefined, etag: undefined };
  return { ...slot, mountsIn, isInserted: mounted !== undefined };
}

async function slotsOf(
  sender: Sender,
  owner: unknown,
  under: Slot["under"],
  order?: (paths: string[]) => string[],
): Promise<Slot[]> {
  const link = stringAt(owner, "VirtualMedia", "@odata.id");
  return link === undefined ? [] : slotsIn(sender, link, under, order);
}

/** Lists the slots of one collection. */
export async function slotsIn(
  sender: Sender,
  link: string,
  under: Slot["under"],
  order?: (paths: string[]) => string[],
): Promise<Slot[]> {
  const isEnough = async ([path, body]: Member) =>
    isObject(body) && (await slotOf(sender, path, body, under)).takesDisc;
  const members = await readMembers(sender, link, order && { order, isEnough });
  const found = members.flatMap(([path, body]) => (isObject(body) ? [{ path, body }] : []));
  const slots = await Promise.all(found.map(({ path, body }) => slotOf(sender, path, body, under)));
  const trouble = troubleIn(members);
  if (trouble !== undefined && !slots.some((slot) => slot.takesDisc)) throw trouble;
  if (slots.some(({ insertTarget }) => insertTarget !== undefined)) return slots;
  const configuration = configurationIn(await readCollection(sender, link));
  const mounting =
    configuration === undefined ? undefined : await readConfiguration(sender, configuration, link, under);
  return mounting === undefined ? slots : [mounting];
}

/** In place of the members, which are what is mounted by it. @returns undefined for a dead link */
async function readConfiguration(
  sender: Sender,
  path: string,
  mountsIn: string,
  under: Slot["under"],
): Promise<Slot | undefined> {
  const body = await readOrMissing(sender, path);
  if (!isObject(body)) return undefined;
  const listed = toSlot(body, path, under);
  return readMountable(sender, mountsIn, listed, async () => listed);
}

async function slotOf(sender: Sender, path: string, body: Loose, under: Slot["under"]): Promise<Slot> {
  const slot = toSlot(body, path, under);
  const isByPatch = slot.takesDisc && waysInto(slot)[0] === "patch";
  if (!isByPatch) return slot;
  // Only the resource itself says whether it can be changed; a reader that remembers has its headers.
  const { headers } = await sender.send("GET", path);
  return toSlot(body, path, under, headerOf(headers, "allow"));
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
  const bodies = new Map(read.flatMap((members) => members ?? []).map(([path, body]) => [path, body]));
  return Promise.all(
    slots.map(async (slot) => {
      const body = bodies.get(slot.path);
      return isObject(body) ? toSlot(body, slot.path, slot.under) : readSlot(sender, slot);
    }),
  ).then(believe);
}

const DISC = /cd|dvd/i;
/** An Id may be hexadecimal, and is no CD then. */
const DISC_ID = /(^|[^0-9a-f])(cd|dvd)/i;
const NO_DISC_ID = /usb|floppy|removable|stick|fdd|hdd/i;

function toSlot(body: Loose, path: string, under: Slot["under"], allow?: string): Slot {
  const actions = mediaActionsOf(body, allow);
  const image = imageOf(body, actions);
  const inserted = body["Inserted"];
  const isConnected = stringAt(body, "ConnectedVia") !== "NotConnected";
  const id = stringAt(body, "Id") ?? path.split("/").at(-1)!;
  const types = [body["MediaTypes"]].flat().filter((type) => typeof type === "string");
  const isFit = actions.unfit === undefined;
  const isConfiguration = actions.mountTarget !== undefined;
  const maker = bootSwitchOf(body);
  return {
    path,
    id,
    under,
    types,
    takesDisc: isConfiguration || (isFit && looksLikeDisc({ types, id })),
    ...(isFit && types.length === 0 && !NO_DISC_ID.test(id) && { mayTakeDisc: true }),
    ...actions,
    // Inserted is not a required property; without it the image tells, unless it is said to be left from before.
    isInserted: typeof inserted === "boolean" ? inserted : image !== undefined && isConnected,
    image,
    etag: tagOf({}, body),
    ...(maker !== undefined && { bootsNextBy: maker }),
    ...(isConfiguration && { isOnlyWritten: true }),
  };
}

/** By its types; where it names none, its Id has to tell. */
export function looksLikeDisc({ types, id }: Pick<Slot, "types" | "id">): boolean {
  return types.length > 0 ? types.some((type) => DISC.test(type)) : DISC_ID.test(id);
}

/** What is in; Supermicro's configuration says it in two parts. */
function imageOf(body: Loose, { mountTarget }: MediaActions): string | undefined {
  const [host, path] = [stringAt(body, "Host"), stringAt(body, "Path")];
  if (mountTarget !== undefined) return host === undefined || path === undefined ? undefined : host + path;
  const said = stringAt(body, "Image");
  return said === "None" ? undefined : said;
}

/** The maker below whose name HPE's switch stands: the next boot is then from this slot, once. */
function bootSwitchOf({ Oem: oem }: Loose): string | undefined {
  const makers = isObject(oem) ? Object.entries(oem) : [];
  return makers.find(([, part]) => isObject(part) && "BootOnNextServerReset" in part)?.[0];
}
