import { isObject, type Loose, stringAt } from "./json.ts";

/**
 * A way in which media go into a slot, best first: the standard's action, a PATCH of the slot, a maker's action of the same
 * meaning, Huawei's one action for both directions, Supermicro's configuration that is then mounted, the standard's action
 * of a slot that does not show it; and last, where no slot works, the address that the firmware itself fetches.
 */
export const MEDIA_WAYS = [
  "action",
  "patch",
  "oem-action",
  "control",
  "mount",
  "implied-action",
  "http-boot",
] as const;

export type MediaWay = (typeof MEDIA_WAYS)[number];

/** Where media are put in and taken out. */
export interface MediaActions {
  insertTarget: string | undefined;
  ejectTarget: string | undefined;
  /** Whether the eject is not shown, and stands where the insert's place tells. */
  isEjectGuessed?: boolean;
  /** A maker's own actions of the same meaning, beside the standard's or in their place (HPE). */
  oemInsertTarget?: string;
  oemEjectTarget?: string;
  /** Huawei's and H3C's one action for both, told apart by VmmControlType (field notes, 10). */
  controlTarget?: string;
  /** Supermicro's: mounts what Host and Path of the slot say (field notes, 2.2). */
  mountTarget?: string;
  unmountTarget?: string;
  /** Whether the slot itself may be changed, where the BMC says so (RFC 9110, `Allow`). */
  isPatchable?: boolean;
  /** Set for the firmware's own HTTP boot, with the address that somebody else had set. */
  bootUri?: { before?: string };
  /** Whether the standard's actions are there by what `$metadata` alone says. */
  isImplied?: boolean;
  /** Set where nothing of ours can go in, with why. */
  unfit?: string;
}

/**
 * Finds the actions of a virtual-media resource: the standard's own, and those that a maker put under `Oem`, whose names end
 * alike (HPE's `#HpeiLOVirtualMedia.InsertVirtualMedia`).
 *
 * @param allow the `Allow` header that came with the resource
 */
export function mediaActionsOf(body: unknown, allow?: string): MediaActions {
  const oem = oemActionsOf(body);
  const found = {
    oemInsertTarget: targetOf(oem, /Insert(Virtual)?Media$/),
    oemEjectTarget: targetOf(oem, /Eject(Virtual)?Media$/),
    controlTarget: targetOf(oem, /VmmControl$/),
    mountTarget: stringAt(body, "Actions", "#IsoConfig.Mount", "target"),
    unmountTarget: stringAt(body, "Actions", "#IsoConfig.UnMount", "target"),
    isPatchable: allow === undefined ? undefined : /\bPATCH\b/i.test(allow),
  };
  const said = Object.entries(found).filter(([, value]) => value !== undefined);
  const actions: MediaActions = { ...standardActionsOf(body), ...Object.fromEntries(said) };
  const unfit = isObject(body) ? unfitnessOf(body, actions) : undefined;
  return unfit === undefined ? actions : { ...actions, unfit };
}

/**
 * The standard's own actions. Some slots show only what can be done now, InsertMedia while they are empty and EjectMedia while
 * they are full (a Supermicro recorded in NVIDIA/libredfish, tests/mockups/supermicro): the other one stands beside it.
 */
function standardActionsOf(
  body: unknown,
): Pick<MediaActions, "insertTarget" | "ejectTarget" | "isEjectGuessed"> {
  const insertTarget = stringAt(body, "Actions", `#VirtualMedia.${INSERT}`, "target");
  const ejectTarget = stringAt(body, "Actions", `#VirtualMedia.${EJECT}`, "target");
  const besideInsert = twinOf(insertTarget, INSERT, EJECT);
  if (ejectTarget === undefined && besideInsert !== undefined)
    return { insertTarget, ejectTarget: besideInsert, isEjectGuessed: true };
  // One that is empty and shows an eject alone has no insert: the remote console fills it.
  const isFull = isObject(body) && body["Inserted"] === true && !webSocketOf(body);
  return {
    insertTarget: insertTarget ?? (isFull ? twinOf(ejectTarget, EJECT, INSERT) : undefined),
    ejectTarget,
  };
}

const INSERT = "InsertMedia";
const EJECT = "EjectMedia";

/** Where the other action stands, by the name at the end of this one's place. */
function twinOf(target: string | undefined, own: string, other: string): string | undefined {
  return target?.endsWith(own) === true ? target.slice(0, -own.length) + other : undefined;
}

/** The ways into a slot that it offers, best first; none where it is unfit. */
export function waysInto(slot: MediaActions): MediaWay[] {
  if (slot.unfit !== undefined) return [];
  const { insertTarget, oemInsertTarget, controlTarget, mountTarget, isPatchable } = slot;
  const hasAction = [insertTarget, oemInsertTarget, controlTarget, mountTarget].some(Boolean);
  const isOffered: Record<MediaWay, boolean> = {
    action: insertTarget !== undefined,
    // A slot without an action is changed itself, as Lenovo wants it; one with an action only where it says so, and
    // Supermicro's says so for Host and Path alone.
    patch: hasAction ? isPatchable === true && mountTarget === undefined : isPatchable !== false,
    "implied-action": slot.isImplied === true,
    "oem-action": oemInsertTarget !== undefined,
    control: controlTarget !== undefined,
    mount: mountTarget !== undefined,
    "http-boot": slot.bootUri !== undefined,
  };
  return MEDIA_WAYS.filter((way) => isOffered[way]);
}

/** Why no image of ours can go in, whatever types it lists. */
function unfitnessOf(body: Loose, actions: MediaActions): string | undefined {
  const { insertTarget, oemInsertTarget, controlTarget, mountTarget, isPatchable } = actions;
  if ([insertTarget, oemInsertTarget, controlTarget, mountTarget].some(Boolean)) return undefined;
  const isOwn = body["TransferProtocolType"] === "OEM";
  if (isOwn || webSocketOf(body)) return "is fed by the remote console alone, and has no InsertMedia";
  return isPatchable === false ? UNCHANGEABLE : undefined;
}

/** Why a slot is unfit that shows no action and takes no PATCH. */
export const UNCHANGEABLE = "has no InsertMedia and cannot be changed";

/** Where the standard has an action of a slot that does not show it. */
export function impliedTarget(path: string, action: "InsertMedia" | "EjectMedia"): string {
  return `${path}/Actions/VirtualMedia.${action}`;
}

/** bmcweb's proxy mode: the browser of whoever has the console open sends the disc (field notes, 2.1 row 35). */
function webSocketOf({ Oem: oem }: Loose): boolean {
  const makers = isObject(oem) ? Object.values(oem) : [];
  return makers.some((maker) => stringAt(maker, "WebSocketEndpoint") !== undefined);
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
