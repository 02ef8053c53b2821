import type { Sender } from "./client.ts";
import { readOrMissing } from "./json.ts";
import { oemActionsOf, targetOf } from "./media-actions.ts";
import { followTask, type TaskTiming } from "./task.ts";

/** How remote media are switched on at a BMC that lists no slot before (AMI MegaRAC; field notes, 10). */
export interface MediaSwitch {
  enableTarget: string;
  /** Says how many CD drives there shall be. */
  countTarget: string | undefined;
}

/** Finds the switch among the actions of the managers. */
export async function findMediaSwitch(
  reader: Sender,
  managers: readonly string[],
): Promise<MediaSwitch | undefined> {
  for (const path of managers) {
    const actions = oemActionsOf(await readOrMissing(reader, path));
    const enableTarget = targetOf(actions, /VirtualMedia\.EnableRMedia$/);
    const countTarget = targetOf(actions, /VirtualMedia\.ConfigureCDInstance$/);
    if (enableTarget !== undefined) return { enableTarget, countTarget };
  }
  return undefined;
}

/** Asks for remote media with one CD drive. Slots appear some time after the answer: describe the BMC until they do. */
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
