import { at, isObject, linksAt, type Loose, type RecordedTree, textAt, textsAt } from "./recorded-tree.ts";

/** One recorded virtual-media device. */
export interface RecordedSlot {
  path: string;
  body: Loose;
  under: "system" | "manager";
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
  /** Path of the Reset action and its types; null where none are listed. */
  reset: { path: string; types: string[] | null } | null;
}

/** Finds them. Of several systems that can be reset the first with virtual media is the host, else the first. */
export function findParts(tree: RecordedTree): TreeParts {
  const root = tree.bodies.get("/redfish/v1")!;
  const paths = membersOf(tree, linksAt(root, "Systems")[0]);
  const hosts = paths.flatMap((path) => {
    const body = tree.bodies.get(path);
    return textAt(body, "Actions", "#ComputerSystem.Reset", "target") === undefined
      ? []
      : [{ path, body: body! }];
  });
  const found = hosts.map((system) => ({ system, slots: slotsOf(tree, root, system.body) }));
  const { system, slots } = found.find((one) => one.slots.length > 0) ??
    found[0] ?? { system: null, slots: [] };
  const settingsPath = linksAt(system?.body, "@Redfish.Settings", "SettingsObject")[0];
  const settings = settingsPath === undefined ? undefined : tree.bodies.get(settingsPath);
  const isShown = at(settings, "Boot", "BootSourceOverrideTarget") !== undefined;
  return {
    root,
    system,
    settings: settings !== undefined && isShown ? { path: settingsPath!, body: settings } : null,
    manager: managersOf(tree, root, system?.body)[0]?.[1] ?? {},
    slots,
    reset: system === null ? null : resetOf(tree, system.body),
  };
}

function membersOf(tree: RecordedTree, collection: string | undefined): string[] {
  return collection === undefined ? [] : linksAt(tree.bodies.get(collection), "Members");
}

function managersOf(tree: RecordedTree, root: Loose, system: Loose | undefined): [string, Loose][] {
  const named = [...linksAt(system, "Links", "ManagedBy"), ...linksAt(system, "Links", "Managers")];
  const all = membersOf(tree, linksAt(root, "Managers")[0]);
  const paths = named.length > 0 ? named : all.slice(0, all.length === 1 ? 1 : 0);
  return paths.flatMap((path) => {
    const body = tree.bodies.get(path);
    return body === undefined ? [] : [[path, body]];
  });
}

function slotsOf(tree: RecordedTree, root: Loose, system: Loose): RecordedSlot[] {
  const managers = managersOf(tree, root, system).map(([, body]) => [body, "manager"] as const);
  const owners = [[system, "system"] as const, ...managers];
  const found = owners.flatMap(([owner, under]) =>
    membersOf(tree, linksAt(owner, "VirtualMedia")[0]).flatMap((path) => {
      const body = tree.bodies.get(path);
      return body === undefined ? [] : [{ path, body, under }];
    }),
  );
  return [...new Map(found.toReversed().map((slot) => [slot.path, slot])).values()].toReversed();
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
