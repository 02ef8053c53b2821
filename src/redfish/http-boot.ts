import type { BmcDescription } from "./bmc.ts";
import type { Answer, Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { allows, isObject, type Loose, stringAt, stringsAt } from "./json.ts";
import { patchResource, tagOf } from "./patch.ts";
import type { Slot } from "./slots.ts";

/** The override target that stands for it. */
export const HTTP_TARGET = "UefiHttp";

/**
 * Where a BMC keeps what its firmware boots over HTTP (ComputerSystem 1.1: target `UefiHttp`; 1.9:
 * `HttpBootUri`). The target alone is not enough: iDRAC and iLO list it and take the address among the settings of the BIOS
 * alone (recorded trees dell-idrac9-7.10-r750 and hpe-ilo6-dl380agen11).
 *
 * @param resources the system, and its settings object where the override is set there, best first
 * @returns the path of the resource whose Boot is changed; undefined where nothing of it is offered
 */
export function httpBootOf(
  resources: readonly { path: string; body: unknown }[],
): { path: string } | undefined {
  const boots = resources.map(({ path, body }) => ({ path, boot: bootOf(body) }));
  const isListed = boots.some(({ boot }) => listsHttp(boot));
  const place = boots.find(({ boot }) => boot !== undefined && "HttpBootUri" in boot);
  return isListed && place !== undefined ? { path: place.path } : undefined;
}

/** Whether the firmware is said to boot over HTTP, wherever its address may be set. */
export function listsHttp(boot: Loose | undefined): boolean {
  return allows(stringsAt(boot, "BootSourceOverrideTarget@Redfish.AllowableValues") ?? [], HTTP_TARGET);
}

/**
 * The way in as a slot: what is put in is the address that the firmware fetches, and it is taken out by what was there
 * before.
 *
 * @param before the address that was set by somebody else; undefined for none
 */
export function httpSlotOf({ httpBoot }: BmcDescription, before?: string): Slot | undefined {
  if (httpBoot === undefined) return undefined;
  return {
    path: httpBoot.path,
    id: "HttpBootUri",
    under: "system",
    types: [],
    takesDisc: true,
    insertTarget: undefined,
    ejectTarget: undefined,
    isPatchable: false,
    bootUri: before === undefined ? {} : { before },
    isInserted: false,
    image: undefined,
    etag: undefined,
  };
}

/** Reads it back. What was there before counts as empty. */
export async function readHttpSlot(sender: Sender, slot: Slot): Promise<Slot> {
  const { body, headers } = await sender.send("GET", slot.path);
  const said = stringAt(body, "Boot", "HttpBootUri");
  // sushy-tools writes the word for none.
  const image = said === "None" ? undefined : said;
  const isInserted = image !== undefined && image !== slot.bootUri?.before;
  return { ...slot, image, isInserted, etag: tagOf(headers, body) };
}

/** Sets the address. Where a BMC takes no Boot that is not whole, the override goes with it. */
export function setHttpUri(sender: Sender, slot: Slot, url: string): Promise<Answer> {
  return patchFirst(sender, slot, [{ HttpBootUri: url }, { ...whole("Once"), HttpBootUri: url }]);
}

/** Sets what was there before. Nothing is null by the schema, and an empty text for some. */
export function restoreHttpUri(sender: Sender, slot: Slot): Promise<Answer> {
  const { before } = slot.bootUri ?? {};
  const values = before === undefined ? [null, ""] : [before];
  const alone = values.map((value) => ({ HttpBootUri: value }));
  return patchFirst(sender, slot, [...alone, { ...whole("Disabled"), HttpBootUri: values.at(-1)! }]);
}

const whole = (enabled: string) => ({
  BootSourceOverrideEnabled: enabled,
  BootSourceOverrideTarget: HTTP_TARGET,
  BootSourceOverrideMode: "UEFI",
});

/** A 400 says that nothing was changed. @throws RedfishError of the first attempt */
async function patchFirst(sender: Sender, slot: Slot, attempts: readonly object[]): Promise<Answer> {
  let first: unknown;
  for (const boot of attempts)
    try {
      return await patchResource(sender, slot.path, { Boot: boot }, slot.etag);
    } catch (error) {
      if (!(error instanceof RedfishError) || error.status !== 400) throw error;
      first ??= error;
    }
  throw first;
}

export function bootOf(body: unknown): Loose | undefined {
  const boot = isObject(body) ? body["Boot"] : undefined;
  return isObject(boot) ? boot : undefined;
}
