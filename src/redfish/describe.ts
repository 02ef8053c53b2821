import type { BmcDescription } from "./bmc.ts";
import type { Sender } from "./client.ts";
import { bootAttributesOf } from "./boot-ways.ts";
import { isObject, type Loose, readOrMissing, rememberReads, stringAt, stringsAt } from "./json.ts";
import { offersExpand } from "./members.ts";
import { readReset, toState } from "./power.ts";
import {
  arrangeSlots,
  digestOf,
  likelySlots,
  type Quirk,
  quirksOf,
  type Traits,
  waysOf,
} from "./quirks/index.ts";
import { findMedia, tellLack } from "./find-media.ts";
import { bootOf, HTTP_TARGET, httpBootOf, listsHttp } from "./http-boot.ts";
import { withImpliedActions } from "./implied.ts";
import { mediaSwitchOf } from "./remote-media.ts";
import { findSystem, type System } from "./system.ts";

/**
 * Finds the system, its managers and slots, and what it allows, asking for no resource twice.
 *
 * @param root the service root, already read
 * @param how.everySlot whether to read all there is: slots also where a better one takes discs, and the reset types also
 *   where they are a resource of their own
 * @param how.quirks the rows that may fit
 */
export async function describeBmc(
  sender: Sender,
  root: unknown,
  systemId: string | null,
  { everySlot, quirks: rows }: { everySlot: boolean; quirks: readonly Quirk[] },
): Promise<BmcDescription> {
  const reader = rememberReads(sender, root);
  const { managers: linked, ...system } = await findSystem(reader, systemId);
  const answer = await reader.send("GET", system.path);
  const body = answer.body as Loose;
  const traits = traitsOf(root, system);
  const likely = (slots: string[]) => likelySlots(slots, rows, traits);
  const [{ managers: paths, slots: found }, reset, { httpBoot, ...boot }] = await Promise.all([
    findMedia(reader, { root, path: system.path, managers: linked }, everySlot ? undefined : likely),
    readReset(reader, body, everySlot),
    readBoot(reader, system.path, body),
  ]);
  const bodies = await Promise.all(paths.map((path) => readOrMissing(reader, path)));
  const managers = paths.map((path, index) => managerOf(path, bodies[index]));
  const quirks = quirksOf(rows, { ...traits, managers, slots: found });
  const ways = waysOf(quirks);
  const mayBeSilent = everySlot || !found.some((slot) => slot.takesDisc);
  const slots = arrangeSlots(mayBeSilent ? await withImpliedActions(reader, found) : found, ways);
  const hasDiscSlot = slots.some((slot) => slot.takesDisc);
  return {
    redfishVersion: stringAt(root, "RedfishVersion"),
    serviceUuid: stringAt(root, "UUID"),
    system,
    managers,
    state: toState(answer),
    reset,
    boot,
    httpBoot,
    expands: offersExpand(root),
    slots,
    lack: hasDiscSlot
      ? undefined
      : (await tellLack(reader, system.path, { managers: paths, slots })) + tellHttpLack(body, httpBoot),
    mediaSwitch: bodies.map(mediaSwitchOf).find((one) => one !== undefined),
    bootAttributesPath: bodies.map(bootAttributesOf).find((one) => one !== undefined),
    quirks: quirks.map(({ name, why }) => ({ name, why })),
    rowsDigest: digestOf(rows),
    ways,
  };
}

function traitsOf(
  root: unknown,
  system: Omit<System, "managers">,
): Pick<Traits, "vendors" | "products" | "oem"> {
  const oem = isObject(root) ? root["Oem"] : undefined;
  const said = (...words: (string | undefined)[]) => words.filter((word) => word !== undefined);
  return {
    vendors: said(stringAt(root, "Vendor"), system.manufacturer),
    products: said(stringAt(root, "Product"), system.model),
    oem: isObject(oem) ? Object.keys(oem) : [],
  };
}

function managerOf(path: string, body: unknown): BmcDescription["managers"][number] {
  return { path, model: stringAt(body, "Model"), firmwareVersion: stringAt(body, "FirmwareVersion") };
}

/**
 * Where the boot override is set and to what.
 *
 * It belongs into the settings object only where that shows a target of its own (field notes, 1.9): the object of an
 * iDRAC 7.10 holds the mode alone, that of a BlueField allows targets which the system itself does not.
 */
async function readBoot(
  reader: Sender,
  path: string,
  system: Loose,
): Promise<BmcDescription["boot"] & Pick<BmcDescription, "httpBoot">> {
  const settings = system["@Redfish.Settings"];
  const link = isObject(settings) ? stringAt(settings["SettingsObject"], "@odata.id") : undefined;
  const pending = link === undefined ? undefined : bootOf(await readOrMissing(reader, link));
  const isThere = pending !== undefined && "BootSourceOverrideTarget" in pending;
  const shown = [...(isThere ? [pending] : []), bootOf(system)];
  const valuesOf = (name: string) =>
    shown.map((boot) => stringsAt(boot, `${name}@Redfish.AllowableValues`)).find((values) => values);
  const places = [...(isThere ? [{ path: link!, body: { Boot: pending } }] : []), { path, body: system }];
  return {
    httpBoot: httpBootOf(places),
    targets: valuesOf("BootSourceOverrideTarget"),
    modes: valuesOf("BootSourceOverrideMode"),
    enabled: valuesOf("BootSourceOverrideEnabled"),
    settingsPath: isThere ? link : undefined,
  };
}

/** What is missing for a boot without any slot, where the firmware is said to be able to. */
function tellHttpLack(system: Loose, httpBoot: BmcDescription["httpBoot"]): string {
  const isListed = httpBoot === undefined && listsHttp(bootOf(system));
  return isListed ? `, and the target ${HTTP_TARGET} is listed without an HttpBootUri` : "";
}
