import type { Sender } from "./client.ts";
import { isObject, linksOf, readOrMissing, stringAt } from "./json.ts";
import { readMembers } from "./members.ts";
import { configurationIn } from "./mounted.ts";
import { mediaSwitchOf } from "./remote-media.ts";
import { listSlots, type Slot } from "./slots.ts";

/** A system, and the managers that it names itself. */
interface Owner {
  root: unknown;
  path: string;
  managers: string[];
}

/**
 * Finds the managers of a system and the slots of both.
 *
 * Where the named ones have no slot for a disc, the other managers that say they manage this system are asked, and at last
 * the place where the standard puts the collection, for trees that do not link it.
 *
 * @param order see `listSlots`
 */
export async function findMedia(
  reader: Sender,
  owner: Owner,
  order?: (paths: string[]) => string[],
): Promise<{ managers: string[]; slots: Slot[] }> {
  const { path } = owner;
  const named = owner.managers.length > 0 ? owner.managers : await managersOf(reader, owner);
  const slots = await listSlots(reader, { path, managers: named }, order);
  // Where remote media are off, nobody else has them.
  if (slots.some((slot) => slot.takesDisc) || (await hasSwitch(reader, named)))
    return { managers: named, slots };
  const managers = [...new Set([...named, ...(await managersOf(reader, owner))])];
  const others = await listSlots(reader, { path, managers }, undefined, true);
  return others.length > slots.length ? { managers, slots: others } : { managers: named, slots };
}

async function hasSwitch(reader: Sender, managers: readonly string[]): Promise<boolean> {
  const bodies = await Promise.all(managers.map((path) => readOrMissing(reader, path)));
  return bodies.some((body) => mediaSwitchOf(body) !== undefined);
}

/** What is missing where no slot takes a disc, by what the resources say that could have one. */
export async function tellLack(
  reader: Sender,
  path: string,
  { managers, slots }: { managers: readonly string[]; slots: readonly Slot[] },
): Promise<string> {
  if (slots.length > 0) return `it has ${slots.map(whyNot).join(", ")}`;
  const owners = await Promise.all(
    [path, ...managers].map(async (owner) => {
      const body = await readOrMissing(reader, owner);
      const collection = stringAt(body, "VirtualMedia", "@odata.id");
      if (collection === undefined) return `${owner} links no virtual media`;
      // It is empty because remote media are off, and that is mended first: nothing is asked to know more.
      if (mediaSwitchOf(body) !== undefined) return `${collection} has no members`;
      return tellEmpty(collection, await readOrMissing(reader, collection));
    }),
  );
  return [...owners, ...(managers.length === 0 ? ["no manager is named"] : [])].join(", ");
}

/** What a collection without a slot lacks: it may be dead itself, as may be the links in it. */
function tellEmpty(collection: string, body: unknown): string {
  if (!isObject(body)) return `${collection} is linked and not there`;
  const dead = [...linksOf(body, "Members"), configurationIn(body)].filter((path) => path !== undefined);
  return dead.length === 0
    ? `${collection} has no members`
    : `${collection} names ${dead.join(", ")}, which cannot be read`;
}

/** A slot that takes no disc, with the reason where the tree gives one. */
function whyNot({ id, types, unfit }: Slot): string {
  if (unfit !== undefined) return `${id}, which ${unfit}`;
  const isOther = types.length > 0 && !types.some((type) => /cd|dvd/i.test(type));
  return isOther ? `${id} (${types.join(", ")})` : id;
}

/** Managers that name this system; where none names any, the only one that there is (HPE Cray leaves the links out). */
async function managersOf(reader: Sender, { root, path }: Owner): Promise<string[]> {
  const collection = stringAt(root, "Managers", "@odata.id");
  const members = collection === undefined ? [] : await readMembers(reader, collection);
  const named = members.filter(([, body]) => serversOf(body).includes(path));
  if (named.length > 0) return named.map(([manager]) => manager);
  return members.length === 1 ? members.map(([manager]) => manager) : [];
}

function serversOf(manager: unknown): string[] {
  return linksOf(isObject(manager) ? manager["Links"] : undefined, "ManagerForServers");
}
