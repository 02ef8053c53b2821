import type { BmcDescription } from "./bmc.ts";
import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { isObject, linksOf, stringAt } from "./json.ts";
import { patchResource } from "./patch.ts";
import type { Slot } from "./slots.ts";
import { followTask, type TaskTiming } from "./task.ts";

/**
 * A way in which the next boot is led to the virtual disc: the standard's override, or a maker's own switch, which is once
 * by its nature. Makers' ones exist because `Cd` is the physical drive where there is one (field notes, 2.2 Dell).
 */
export type BootWay = "override" | "dell-attributes" | "next-reset";

/** The ways that a BMC offers for a slot, best first. */
export function bootWaysOf({ bootAttributesPath, ways }: BmcDescription, slot: Slot): BootWay[] {
  if (slot.bootUri !== undefined) return ["override"];
  const oem: BootWay[] = [
    ...(bootAttributesPath === undefined ? [] : ["dell-attributes" as const]),
    ...(slot.bootsNextBy === undefined ? [] : ["next-reset" as const]),
  ];
  return ways.bootsByMaker === true ? [...oem, "override"] : ["override", ...oem];
}

/** Where an iDRAC keeps the attributes of its own (DellOemLinks); undefined for other managers. */
export function bootAttributesOf(manager: unknown): string | undefined {
  const links = isObject(manager) ? manager["Links"] : undefined;
  const oem = isObject(links) && isObject(links["Oem"]) ? links["Oem"]["Dell"] : undefined;
  return linksOf(oem, "DellAttributes").find((path) => path.endsWith("/iDRAC.Embedded.1"));
}

/** What makes an iDRAC boot its virtual CD at the next start (attribute registry of iDRAC9, ServerBoot). */
const DELL_ONCE = { "ServerBoot.1.BootOnce": "Enabled", "ServerBoot.1.FirstBootDevice": "VCD-DVD" };

/** Asks for one boot from the virtual disc by a maker's switch. `showsMakersBoot` tells whether it was taken. */
export async function bootByMaker(
  sender: Sender,
  { bootAttributesPath }: BmcDescription,
  slot: Slot,
  way: Exclude<BootWay, "override">,
  timing: TaskTiming,
): Promise<void> {
  const [path, json] =
    way === "dell-attributes"
      ? [bootAttributesPath, { Attributes: DELL_ONCE }]
      : [slot.path, { Oem: { [slot.bootsNextBy ?? ""]: { BootOnNextServerReset: true } } }];
  if (path === undefined)
    throw new RedfishError("this BMC has no attributes for the next boot", {
      code: "bmc-unsupported",
      retryable: false,
    });
  await followTask(sender, await patchResource(sender, path, json), timing);
}

/** Reads whether a maker's switch points to the virtual disc now. */
export async function showsMakersBoot(
  sender: Sender,
  { bootAttributesPath }: BmcDescription,
  slot: Slot,
  way: Exclude<BootWay, "override">,
): Promise<boolean> {
  if (way === "next-reset") {
    const { body } = await sender.send("GET", slot.path);
    const oem = isObject(body) && isObject(body["Oem"]) ? body["Oem"][slot.bootsNextBy ?? ""] : undefined;
    return isObject(oem) && oem["BootOnNextServerReset"] === true;
  }
  if (bootAttributesPath === undefined) return false;
  const { body } = await sender.send("GET", bootAttributesPath);
  return Object.entries(DELL_ONCE).every(([name, value]) => stringAt(body, "Attributes", name) === value);
}
