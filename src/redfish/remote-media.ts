import type { Sender } from "./client.ts";
import { stringAt } from "./json.ts";
import { oemActionsOf, targetOf } from "./media-actions.ts";
import { followTask, type TaskTiming } from "./task.ts";

/** How remote media are switched on at a BMC that lists no slot before (AMI MegaRAC; field notes, 10). */
export interface MediaSwitch {
  enableTarget: string;
  /** Says how many CD drives there shall be. */
  countTarget: string | undefined;
  /** The collection in which slots appear then. */
  slotsPath: string | undefined;
}

/** Finds the switch among the actions of a manager. */
export function mediaSwitchOf(manager: unknown): MediaSwitch | undefined {
  const actions = oemActionsOf(manager);
  const enableTarget = targetOf(actions, /VirtualMedia\.EnableRMedia$/);
  const countTarget = targetOf(actions, /VirtualMedia\.ConfigureCDInstance$/);
  const slotsPath = stringAt(manager, "VirtualMedia", "@odata.id");
  return enableTarget === undefined ? undefined : { enableTarget, countTarget, slotsPath };
}

/** Asks for remote media with one CD drive. Slots appear some time after the answer: look for them until they do. */
export async function switchMediaOn(
  sender: Sender,
  { enableTarget, countTarget }: MediaSwitch,
  timing: TaskTiming,
): Promise<void> {
  const enabled = await sender.send("POST", enableTarget, { json: { RMediaState: "Enable" } });
  await followTask(sender, enabled, timing);
  if (countTarget === undefined) return;
  await followTask(sender, await sender.send("POST", countTarget, { json: { CDInstance: 1 } }), timing);
}
