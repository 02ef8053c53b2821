import type { BootProfile, MediaProfile, Profile, SlotProfile } from "../profile.ts";
import { generic } from "../profiles/models.ts";
import { at, isObject, linksAt, type Loose, type RecordedTree, textAt, textsAt } from "./recorded-tree.ts";
import { allowed, parametersOf, type RecordedSlot, type TreeParts } from "./tree-parts.ts";

const INSERT = "#VirtualMedia.InsertMedia";
const DISC_TARGET = /^(cd|dvd|usbcd|usb|remotedrive|virtual.*cd.*)$/i;

/** What a tree says of how its BMC behaves; where it says nothing, as the standard has it. */
export function profileOf(tree: RecordedTree, parts: TreeParts): Profile {
  const { root, system, manager, reset } = parts;
  return {
    ...generic,
    name: tree.name,
    source: `recorded tree ${tree.name}`,
    summary: "a recorded tree, served as a BMC that can be changed",
    vendor: textAt(root, "Vendor") ?? null,
    redfishVersion: textAt(root, "RedfishVersion") ?? generic.redfishVersion,
    system: {
      id: textAt(system?.body, "Id") ?? "none",
      manufacturer: textAt(system?.body, "Manufacturer") ?? "",
      model: textAt(system?.body, "Model") ?? "",
    },
    manager: {
      id: textAt(manager, "Id") ?? "none",
      model: textAt(manager, "Model") ?? "",
      firmwareVersion: textAt(manager, "FirmwareVersion") ?? "",
    },
    sessions: at(root, "SessionService") === undefined ? null : generic.sessions,
    etags: etagsOf(textAt(root, "@odata.etag")),
    media: mediaOf(tree, parts.slots),
    boot: bootOf(parts),
    events: eventsOf(tree.bodies.get(linksAt(root, "EventService")[0] ?? "")),
    reset: { ...generic.reset, types: reset?.types ?? generic.reset.types },
  };
}

function etagsOf(seen: string | undefined): Profile["etags"] {
  if (seen === undefined) return { ...generic.etags, kind: "none", ifMatch: "ignored" };
  const inBody = seen.includes('"') ? "as-header" : "bare";
  return { kind: seen.startsWith("W/") ? "weak" : "strong", inBody, ifMatch: "checked" };
}

function mediaOf(tree: RecordedTree, slots: readonly RecordedSlot[]): MediaProfile {
  const actions = slots.flatMap(({ body }) => at(body, "Actions", INSERT) ?? []);
  const needed = actions.flatMap((action) =>
    parametersOf(tree, action).flatMap((one) =>
      one["Required"] === true ? (textAt(one, "Name") ?? []) : [],
    ),
  );
  const protocols = actions.flatMap((action) => [
    ...(textsAt(action, "TransferProtocolType@Redfish.AllowableValues") ?? []),
    ...(allowed(tree, action, "TransferProtocolType") ?? []),
  ]);
  const schemes = protocols.length === 0 ? ["http", "https"] : protocols.map((one) => one.toLowerCase());
  return {
    ...generic.media,
    slots: bootable(slots.map(toSlot)),
    listedAfterMs: slots.some(({ isSwitchedOn }) => isSwitchedOn === true) ? 0 : null,
    insertBy: actions.length > 0 ? "action" : "patch",
    required: [...new Set(needed)].filter((name) => name !== "Image"),
    url: { ...generic.media.url, schemes: [...new Set(schemes)] },
  };
}

function toSlot({ path, body, under }: RecordedSlot): SlotProfile {
  const isFedByConsole = isFed(body);
  const word = textAt(body, "MediaTypes");
  const types = textsAt(body, "MediaTypes") ?? (word === undefined ? null : [word]);
  const id = textAt(body, "Id") ?? path.split("/").at(-1)!;
  const isDisc = (types ?? [id]).some((one) => /cd|dvd/i.test(one));
  return { id, under, types, isBootable: isDisc && !isFedByConsole, isFedByConsole };
}

/** Whoever has the console open sends the disc over a socket (bmcweb's proxy mode); nothing takes a URL. */
function isFed(body: Loose): boolean {
  const makers = Object.values(at(body, "Oem") ?? {});
  const hasSocket = makers.some((maker) => textAt(maker, "WebSocketEndpoint") !== undefined);
  return at(body, "Actions", INSERT) === undefined && (hasSocket || body["TransferProtocolType"] === "OEM");
}

/** Where no slot says that it is a CD, those that say nothing of themselves may be one. */
function bootable(slots: SlotProfile[]): SlotProfile[] {
  if (slots.some(({ isBootable }) => isBootable)) return slots;
  return slots.map((slot) => ({
    ...slot,
    isBootable: slot.isFedByConsole !== true && slot.types === null && !/usb|floppy|removable/i.test(slot.id),
  }));
}

function bootOf({ system, settings }: TreeParts): BootProfile {
  const boots = [at(settings?.body, "Boot"), at(system?.body, "Boot")];
  const listed = (name: string) =>
    boots
      .map((boot) => textsAt(boot, `${name}@Redfish.AllowableValues`))
      .find((values) => values !== undefined);
  const mode = boots.map((boot) => textAt(boot, "BootSourceOverrideMode")).find((text) => text !== undefined);
  const modes = listed("BootSourceOverrideMode") ?? (mode === undefined ? null : ["Legacy", "UEFI"]);
  // The settings object of a BlueField lists others than the system, and both are taken there.
  const both = boots.flatMap(
    (boot) => textsAt(boot, "BootSourceOverrideTarget@Redfish.AllowableValues") ?? [],
  );
  const targets = both.length > 0 ? [...new Set(both)] : [...generic.boot.targets];
  return {
    ...generic.boot,
    targets,
    discTargets: targets.filter((target) => DISC_TARGET.test(target)),
    enabled: listed("BootSourceOverrideEnabled") ?? generic.boot.enabled,
    modes,
    firmware: mode === "Legacy" ? "bios" : "uefi",
    httpUri: httpUriOf(boots),
  };
}

/** Where nothing is set it reads as it was recorded then, else as the schema has it. */
function httpUriOf(boots: readonly unknown[]): BootProfile["httpUri"] {
  const boot = boots.find((one) => isObject(one) && "HttpBootUri" in one);
  const recorded = at(boot, "HttpBootUri");
  const empty = recorded === "" || recorded === "None" ? recorded : null;
  return boot === undefined ? null : { empty, isKept: true };
}

function eventsOf(service: Loose | undefined): Profile["events"] {
  if (service === undefined) return null;
  const types = textsAt(service, "EventTypesForSubscription") ?? null;
  return { ...generic.events!, isOn: service["ServiceEnabled"] !== false, types };
}
