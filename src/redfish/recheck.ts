import type { BmcDescription } from "./bmc.ts";
import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { httpBootOf } from "./http-boot.ts";
import { asImplied } from "./implied.ts";
import { rememberReads } from "./json.ts";
import { toState } from "./power.ts";
import { arrangeSlots } from "./quirks/index.ts";
import { readSlots, type Slot, slotsIn } from "./slots.ts";
import { resetTarget, toSystem } from "./system.ts";

/**
 * Looks whether a BMC is still as an earlier description has it, by reading only what changes: the system, and the slots
 * that take a disc.
 *
 * @returns the description with its state and slots as they are now; undefined when something of its shape has changed
 */
export async function recheckBmc(
  sender: Sender,
  description: BmcDescription,
): Promise<BmcDescription | undefined> {
  const { system, reset, slots, expands } = description;
  const discSlots = slots.filter((slot) => slot.takesDisc);
  try {
    const [answer, read] = await Promise.all([
      sender.send("GET", system.path),
      readSlots(sender, discSlots, expands),
    ]);
    const { body } = answer;
    const now = read.map((slot, index) => (discSlots[index]!.isImplied === true ? asImplied(slot) : slot));
    const { managers: _managers, ...identity } = toSystem(body, system.path);
    if (!isSame(identity, system) || resetTarget(body) !== reset.target) return undefined;
    if (hasLostHttpBoot(description, body)) return undefined;
    if (!isSame(now.map(shapeOf), discSlots.map(shapeOf))) return undefined;
    const others = slots.filter((slot) => !slot.takesDisc);
    return {
      ...description,
      state: toState(answer),
      slots: [...arrangeSlots(now, description.ways), ...others],
    };
  } catch (error) {
    if (error instanceof RedfishError && error.code === "bmc-not-found") return undefined;
    throw error;
  }
}

/** Looks again for slots where remote media were just switched on, with a read of the collection in which they appear. */
export async function findSwitchedOn(
  sender: Sender,
  root: unknown,
  description: BmcDescription,
): Promise<BmcDescription> {
  const { mediaSwitch, ways, slots: before } = description;
  if (mediaSwitch?.slotsPath === undefined) return description;
  const found = await slotsIn(rememberReads(sender, root), mediaSwitch.slotsPath, "manager");
  const others = before.filter(({ path }) => !found.some((slot) => slot.path === path));
  const slots = [...arrangeSlots(found, ways), ...others];
  return {
    ...description,
    slots,
    lack: slots.some(({ takesDisc }) => takesDisc) ? undefined : description.lack,
  };
}

/** One that is set in a settings object shows when it is set. */
function hasLostHttpBoot({ system: { path }, httpBoot }: BmcDescription, body: unknown): boolean {
  return httpBoot?.path === path && httpBootOf([{ path, body }]) === undefined;
}

/** What of a slot does not change by use. */
function shapeOf({ path, id, under, takesDisc, insertTarget, ejectTarget }: Slot) {
  return { path, id, under, takesDisc, insertTarget, ejectTarget };
}

/** Kept descriptions come back from JSON, which has no undefined. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
