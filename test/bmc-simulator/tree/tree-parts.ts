import type { MediaSwitchTargets } from "../redfish/managers.ts";
import { at, isObject, linksAt, type Loose, type RecordedTree, textAt, textsAt } from "./recorded-tree.ts";

/** One recorded virtual-media device. */
export interface RecordedSlot {
  path: string;
  body: Loose;
  under: "system" | "manager";
  /** The collection that lists a drive while something is mounted by this configuration (Supermicro). */
  mountsIn?: { path: string; body: Loose };
  /** Not recorded: listed once remote media are switched on. */
  isSwitchedOn?: true;
}

/** What of a tree a deployment changes. */
export interface TreeParts {
  root: Loose;
  /** The host; null where no system can be reset. */
  system: { path: string; body: Loose } | null;
  /** Its settings object, where that shows a boot override. */
  settings: { path: string; body: Loose } | null;
  manager: Loose;
  slots: RecordedSlot[];
  /** AMI's actions of a manager that switch remote media on; null where it shows none. */
  mediaSwitch: (MediaSwitchTargets & { collection: { path: string; body: Loose } | null }) | null;
  /** Path of the Reset action and its types; null where none are listed. */
  reset: { path: string; types: string[] | null } | null;
}

/** Finds them. Of several systems that can be reset, the host is one whose boot can be led, and that has virtual media. */
export function findParts(tree: RecordedTree): TreeParts {
  const root = tree.bodies.get("/redfish/v1")!;
  const paths = membersOf(tree, linksAt(root, "Systems")[0] ?? "/redfish/v1/Systems");
  const hosts = paths.flatMap((path) => {
    const body = tree.bodies.get(path);
    return textAt(body, "Actions", "#ComputerSystem.Reset", "target") === undefined
      ? []
      : [{ path, body: body! }];
  });
  const found = hosts.map((system) => ({
    system,
    slots: slotsOf(tree, root, system.path, system.body),
    fitness: fitnessOf(system.body),
  }));
  const isBetter = (one: (typeof found)[0], other: (typeof found)[0]) =>
    other.fitness - one.fitness || other.slots.length - one.slots.length;
  const { system, slots } = found.toSorted(isBetter)[0] ?? { system: null, slots: [] };
  const settingsPath = linksAt(system?.body, "@Redfish.Settings", "SettingsObject")[0];
  const settings = settingsPath === undefined ? undefined : tree.bodies.get(settingsPath);
  const isShown = at(settings, "Boot", "BootSourceOverrideTarget") !== undefined;
  const mediaSwitch = mediaSwitchOf(tree, managersOf(tree, root, system?.body));
  return {
    root,
    system,
    settings: settings !== undefined && isShown ? { path: settingsPath!, body: settings } : null,
    manager: managersOf(tree, root, system?.body)[0]?.[1] ?? {},
    slots: slots.length > 0 ? slots : slotsSwitchedOn(mediaSwitch),
    mediaSwitch,
    reset: system === null ? null : resetOf(tree, system.body),
  };
}

function fitnessOf(system: Loose): number {
  const isPhysical = (textAt(system, "SystemType") ?? "Physical") === "Physical";
  return (isPhysical ? 2 : 0) + (at(system, "Boot", "BootSourceOverrideTarget") === undefined ? 0 : 1);
}

function membersOf(tree: RecordedTree, collection: string | undefined): string[] {
  return collection === undefined ? [] : linksAt(tree.bodies.get(collection), "Members");
}

/** The managers that it names, and then all others: a tree does not say whose media a manager has that nobody names. */
function managersOf(tree: RecordedTree, root: Loose, system: Loose | undefined): [string, Loose][] {
  const named = [...linksAt(system, "Links", "ManagedBy"), ...linksAt(system, "Links", "Managers")];
  const all = membersOf(tree, linksAt(root, "Managers")[0]);
  return [...new Set([...named, ...all])].flatMap((path) => {
    const body = tree.bodies.get(path);
    return body === undefined ? [] : [[path, body]];
  });
}

function slotsOf(tree: RecordedTree, root: Loose, path: string, system: Loose): RecordedSlot[] {
  const managers = managersOf(tree, root, system).map(([at, body]) => [at, body, "manager"] as const);
  const owners = [[path, system, "system"] as const, ...managers];
  const found = owners.flatMap(([owner, body, under]) => {
    const collection = linksAt(body, "VirtualMedia")[0] ?? `${owner}/VirtualMedia`;
    const listing = tree.bodies.get(collection) ?? {};
    const configuration = configurationIn(listing);
    const paths = configuration === undefined ? membersOf(tree, collection) : [configuration];
    const mountsIn = configuration === undefined ? {} : { mountsIn: { path: collection, body: listing } };
    return paths.flatMap((path) => {
      const slot = tree.bodies.get(path);
      return slot === undefined ? [] : [{ path, body: slot, under, ...mountsIn }];
    });
  });
  return [...new Map(found.toReversed().map((slot) => [slot.path, slot])).values()].toReversed();
}

function mediaSwitchOf(tree: RecordedTree, managers: [string, Loose][]): TreeParts["mediaSwitch"] {
  for (const [, body] of managers) {
    const actions = Object.entries(at(body, "Actions", "Oem") ?? {});
    const targetOf = (name: RegExp) =>
      actions.flatMap(([key, action]) => (name.test(key) ? (textAt(action, "target") ?? []) : []))[0];
    const enable = targetOf(/VirtualMedia\.EnableRMedia$/);
    const count = targetOf(/VirtualMedia\.ConfigureCDInstance$/);
    const path = linksAt(body, "VirtualMedia")[0];
    const listing = path === undefined ? undefined : tree.bodies.get(path);
    const collection = listing === undefined ? null : { path: path!, body: listing };
    if (enable !== undefined) return { enable, ...(count !== undefined && { count }), collection };
  }
  return null;
}

/** A drive as MegaRAC lists it once remote media are on (recorded tree gigabyte-ami-megarac-h262). */
function slotsSwitchedOn(mediaSwitch: TreeParts["mediaSwitch"]): RecordedSlot[] {
  if (mediaSwitch?.collection == null) return [];
  const path = `${mediaSwitch.collection.path}/CD1`;
  const action = (verb: string) => ({ target: `${path}/Actions/VirtualMedia.${verb}Media` });
  const body = {
    "@odata.id": path,
    "@odata.type": "#VirtualMedia.v1_3_1.VirtualMedia",
    Id: "CD1",
    Name: "virtual CD1",
    Image: "None",
    ImageName: "None",
    Inserted: false,
    ConnectedVia: "NotConnected",
    WriteProtected: false,
    Actions: { "#VirtualMedia.InsertMedia": action("Insert"), "#VirtualMedia.EjectMedia": action("Eject") },
  };
  return [{ path, body, under: "manager", isSwitchedOn: true }];
}

/** Where to write what is to be mounted, in place of members. */
function configurationIn(collection: Loose): string | undefined {
  const makers = Object.values(at(collection, "Oem") ?? {});
  return makers.flatMap((maker) => linksAt(maker, "VirtualMediaConfig"))[0];
}

function resetOf(tree: RecordedTree, system: Loose): TreeParts["reset"] {
  const action = at(system, "Actions", "#ComputerSystem.Reset");
  const path = textAt(action, "target")!;
  const types =
    textsAt(action, "ResetType@Redfish.AllowableValues") ?? allowed(tree, action, "ResetType") ?? null;
  return { path, types };
}

/** What an action's ActionInfo allows for a parameter. */
export function allowed(tree: RecordedTree, action: unknown, name: string): string[] | undefined {
  return textsAt(
    parametersOf(tree, action).find((one) => one["Name"] === name),
    "AllowableValues",
  );
}

/** The parameters that an action's ActionInfo describes. */
export function parametersOf(tree: RecordedTree, action: unknown): Loose[] {
  const info = textAt(action, "@Redfish.ActionInfo");
  return [at(tree.bodies.get(info?.replace(/\/+$/, "") ?? ""), "Parameters")].flat().filter(isObject);
}
