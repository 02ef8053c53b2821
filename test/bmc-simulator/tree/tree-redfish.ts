import { ok } from "../answer.ts";
import type { Drive } from "../drives.ts";
import { patchBoot } from "../redfish/boot.ts";
import { addSubscriptions } from "../redfish/event-service.ts";
import {
  type Exchange,
  type Face,
  type Handler,
  link,
  type Resource,
  type Resources,
} from "../redfish/face.ts";
import { addIsoConfig, addMountedDrive } from "../redfish/iso-config.ts";
import { addMediaSwitch } from "../redfish/managers.ts";
import { addDellAttributes, withNextReset } from "../redfish/makers-boot.ts";
import { createRoute, type Route } from "../redfish/router.ts";
import { secureBootResource } from "../redfish/secure-boot.ts";
import { type Access, addSessions, type Credentials } from "../redfish/sessions.ts";
import { reset } from "../redfish/systems.ts";
import { controlMedia, eject, insert, patch } from "../redfish/virtual-media.ts";
import { at, isObject, linksAt, type Loose, type RecordedTree, textAt } from "./recorded-tree.ts";
import type { RecordedSlot, TreeParts } from "./tree-parts.ts";

/**
 * The recorded bodies as a BMC that can be changed: the tree is the first state, and what the host, its power, its override
 * and its slots are now is laid over it. Every other resource reads as it was recorded.
 */
export function createTreeRedfish(
  { tree, parts, face: outer }: { tree: RecordedTree; parts: TreeParts; face: Omit<Face, "answerOf"> },
  credentials: Credentials,
  clock: () => number,
): { route: Route; access: Access } {
  const face: Face = { ...outer, answerOf: (_verb, work) => work() };
  const resources: Resources = new Map();
  for (const [path, body] of tree.bodies) resources.set(path, { GET: () => ok(untagged(body)) });
  for (const [path, content] of tree.texts)
    resources.set(path, {
      GET: () => ({ status: 200, text: { type: "application/xml", content } }),
      open: ["GET"],
    });
  for (const path of ["/redfish", "/redfish/v1"]) {
    const resource = resources.get(path);
    if (resource !== undefined) resource.open = ["GET"];
  }
  const access = addSessions(resources, face.profile, credentials, clock);
  addHost(resources, face, parts);
  const [secureBoot] = linksAt(parts.system?.body, "SecureBoot");
  const recorded = secureBoot === undefined ? undefined : tree.bodies.get(secureBoot);
  if (recorded !== undefined) resources.set(secureBoot!, secureBootResource(face, untagged(recorded)));
  for (const [path, body] of tree.bodies)
    if (path.includes("/DellAttributes/iDRAC")) addDellAttributes(resources, face, path, untagged(body));
  for (const [index, slot] of parts.slots.entries()) addSlot(resources, face, slot, face.drives.all[index]!);
  addSwitch(resources, face, parts);
  const [service] = linksAt(parts.root, "EventService");
  const [list] = linksAt(tree.bodies.get(service ?? ""), "Subscriptions");
  if (list !== undefined) addSubscriptions(resources, face, list);
  return { route: createRoute(resources, face.profile, access), access };
}

function addSwitch(resources: Resources, face: Face, { mediaSwitch, slots }: TreeParts): void {
  if (mediaSwitch === null) return;
  const { enable, count, collection } = mediaSwitch;
  addMediaSwitch(resources, face, {
    enable: keyOf(enable),
    ...(count !== undefined && { count: keyOf(count) }),
  });
  const [slot] = slots;
  if (slot?.isSwitchedOn !== true || collection === null) return;
  const listing = { ...untagged(collection.body), "Members@odata.count": 1, Members: [link(slot.path)] };
  resources.set(collection.path, {
    GET: () => ok(face.drives.areListed ? listing : untagged(collection.body)),
  });
}

/** ETags are given anew, since the recorded ones stand for the recorded bodies. */
function untagged({ "@odata.etag": _etag, ...body }: Loose): Loose {
  return body;
}

function addHost(resources: Resources, face: Face, { system, settings, reset: action }: TreeParts): void {
  if (system === null) return;
  const change = (exchange: Exchange) => patchBoot(face, exchange);
  const canBoot = [system, settings].some(
    (one) => at(one?.body, "Boot", "BootSourceOverrideTarget") !== undefined,
  );
  resources.set(system.path, {
    GET: () =>
      ok({ ...untagged(system.body), ...powerOver(face, system.body), Boot: bootOver(face, system.body) }),
    ...(canBoot && { PATCH: change }),
  });
  if (settings !== null)
    resources.set(settings.path, {
      GET: () => ok({ ...untagged(settings.body), Boot: bootOver(face, settings.body) }),
      PATCH: change,
    });
  if (action !== null) resources.set(keyOf(action.path), { POST: (exchange) => reset(face, exchange) });
}

function powerOver({ host, machine }: Face, body: Loose): Loose {
  const state = host.power === "On" ? (machine.bootState ?? "None") : "None";
  const progress = body["BootProgress"];
  return {
    PowerState: host.power,
    ...(isObject(progress) && { BootProgress: { ...progress, LastState: state } }),
  };
}

/** Shows what was recorded to be shown, and nothing else. */
function bootOver({ host, profile }: Face, { Boot: recorded }: Loose): unknown {
  if (!isObject(recorded)) return recorded;
  const now: Loose = {
    BootSourceOverrideEnabled: host.override.enabled,
    BootSourceOverrideTarget: host.override.target,
    BootSourceOverrideMode: host.override.mode,
    HttpBootUri: host.override.httpUri ?? profile.boot.httpUri?.empty,
  };
  const shown = Object.entries(now).filter(([name]) => name in recorded);
  return { ...recorded, ...Object.fromEntries(shown) };
}

function addSlot(resources: Resources, face: Face, slot: RecordedSlot, drive: Drive): void {
  const { path, body, mountsIn } = slot;
  const mount = textAt(body, "Actions", "#IsoConfig.Mount", "target");
  const unmount = textAt(body, "Actions", "#IsoConfig.UnMount", "target");
  if (mount !== undefined && unmount !== undefined) {
    const bodyOf = (written: Loose) => ({ ...untagged(body), ...written });
    addIsoConfig(resources, face, drive, path, { mount: keyOf(mount), unmount: keyOf(unmount) }, bodyOf);
    if (mountsIn !== undefined) addMountedDrive(resources, drive, mountsIn);
    return;
  }
  const control = oemActionOf(body, /VmmControl$/);
  const standards = standardTargets(body);
  const targets = (["Insert", "Eject"] as const).map((verb) => [
    standards[verb],
    oemActionOf(body, new RegExp(`${verb}(Virtual)?Media$`)),
  ]);
  const [inserts, ejects] = targets.map((both) => both.filter((one) => one !== undefined));
  let resource: Resource = {
    GET: () => ok({ ...untagged(body), ...mediaOver(drive, body), ...actionsOver(drive, body, standards) }),
  };
  if (inserts!.length === 0 && control === undefined && drive.slot.isFedByConsole !== true)
    resource.PATCH = (exchange) => patch(face, drive, exchange);
  const maker = Object.entries(at(body, "Oem") ?? {}).find(([, one]) => at(one, SWITCH) !== undefined)?.[0];
  if (maker !== undefined) resource = withNextReset(resource, face, maker);
  resources.set(path, resource);
  const take = (target: string, POST: Handler) => resources.set(keyOf(target), { POST });
  for (const target of inserts!) take(target, (exchange) => insert(face, drive, exchange));
  for (const target of ejects!) take(target, (exchange) => eject(face, drive, exchange));
  if (control !== undefined) take(control, (exchange) => controlMedia(face, drive, exchange));
}

type Verb = "Insert" | "Eject";

/**
 * Where the standard's actions are posted to. A slot that shows only the one that can be done as it was recorded, InsertMedia
 * while empty or EjectMedia while full (Supermicro), has the other beside it.
 */
function standardTargets(body: Loose): { [verb in Verb]?: string } {
  const shown = (verb: Verb) => textAt(body, "Actions", `#VirtualMedia.${verb}Media`, "target");
  const [insert, eject] = [shown("Insert"), shown("Eject")];
  const isFull = body["Inserted"] === true;
  const Insert = insert ?? (isFull ? eject?.replace(/EjectMedia$/, "InsertMedia") : undefined);
  const Eject = eject ?? (isFull ? undefined : insert?.replace(/InsertMedia$/, "EjectMedia"));
  return { ...(Insert !== undefined && { Insert }), ...(Eject !== undefined && { Eject }) };
}

/** Shows of those two the one that can be done now, where one alone was recorded. */
function actionsOver({ inserted }: Drive, body: Loose, standards: { [verb in Verb]?: string }): Loose {
  const {
    [`#VirtualMedia.InsertMedia`]: insert,
    [`#VirtualMedia.EjectMedia`]: eject,
    ...others
  } = {
    ...(isObject(body["Actions"]) ? body["Actions"] : {}),
  } as Loose;
  const areBoth = standards.Insert !== undefined && standards.Eject !== undefined;
  if (!areBoth || (insert !== undefined) === (eject !== undefined)) return {};
  const verb = inserted ? "Eject" : "Insert";
  const shown = (inserted ? eject : insert) ?? { target: standards[verb] };
  return { Actions: { ...others, [`#VirtualMedia.${verb}Media`]: shown } };
}

/** HPE's switch for the next boot. */
const SWITCH = "BootOnNextServerReset";

/** A maker's own action: below Actions.Oem, or below Oem in the maker's part. */
function oemActionOf(body: Loose, name: RegExp): string | undefined {
  const makers = Object.values(at(body, "Oem") ?? {}).map((maker) => at(maker, "Actions"));
  const actions = [at(body, "Actions", "Oem"), ...makers].flatMap((one) => Object.entries(one ?? {}));
  return actions.flatMap(([key, action]) => (name.test(key) ? (textAt(action, "target") ?? []) : []))[0];
}

function mediaOver({ image, inserted, writeProtected }: Drive, body: Loose): Loose {
  if (image === null) return emptied(body);
  const name = image.split("/").at(-1);
  return {
    Image: image,
    ...("ImageName" in body && { ImageName: name }),
    Inserted: inserted,
    ConnectedVia: "URI",
    WriteProtected: writeProtected,
  };
}

/** As the slot was recorded when it was empty then, else as the standard has it. */
function emptied(body: Loose): Loose {
  if (body["Inserted"] !== true) return {};
  const named = "ImageName" in body ? { ImageName: null } : {};
  return { Image: null, ...named, Inserted: false, ConnectedVia: "NotConnected" };
}

/** Requests are told apart without their trailing slashes. */
const keyOf = (target: string) => new URL(target, "http://bmc").pathname.replace(/\/+$/, "");
