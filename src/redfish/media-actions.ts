import { isObject, stringAt } from "./json.ts";

/** Where media are put in and taken out. */
export interface MediaActions {
  insertTarget: string | undefined;
  ejectTarget: string | undefined;
  /** Huawei's and H3C's one action for both, told apart by VmmControlType (field notes, 10). */
  controlTarget?: string;
}

/**
 * Finds the actions of a virtual-media resource: the standard's own, else those that a maker put under `Oem` in its place,
 * whose names end alike (HPE's `#HpeiLOVirtualMedia.InsertVirtualMedia`).
 */
export function mediaActionsOf(body: unknown): MediaActions {
  const insertTarget = stringAt(body, "Actions", "#VirtualMedia.InsertMedia", "target");
  const ejectTarget = stringAt(body, "Actions", "#VirtualMedia.EjectMedia", "target");
  if (insertTarget !== undefined) return { insertTarget, ejectTarget };
  const oem = oemActionsOf(body);
  const control = targetOf(oem, /VmmControl$/);
  return {
    insertTarget: targetOf(oem, /Insert(Virtual)?Media$/),
    ejectTarget: ejectTarget ?? targetOf(oem, /Eject(Virtual)?Media$/),
    ...(control === undefined ? {} : { controlTarget: control }),
  };
}

/** Every action that is a maker's own: below `Actions.Oem`, and below `Oem.<maker>.Actions`. */
export function oemActionsOf(body: unknown): [name: string, action: unknown][] {
  if (!isObject(body)) return [];
  const { Actions: actions, Oem: oem } = body;
  const below = isObject(actions) && isObject(actions["Oem"]) ? Object.entries(actions["Oem"]) : [];
  const makers = isObject(oem) ? Object.values(oem).filter(isObject) : [];
  return [
    ...below,
    ...makers.flatMap((maker) => (isObject(maker["Actions"]) ? Object.entries(maker["Actions"]) : [])),
  ];
}

/** The target of the first action whose name fits. */
export function targetOf(actions: [string, unknown][], name: RegExp): string | undefined {
  const found = actions.find(([key, action]) => name.test(key) && stringAt(action, "target") !== undefined);
  return found === undefined ? undefined : stringAt(found[1], "target");
}
