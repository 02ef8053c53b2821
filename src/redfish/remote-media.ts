import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
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

/**
 * Asks for remote media with one CD drive. Slots appear some time after the answer: look for them until they do.
 *
 * What is on already may be refused. A count that is refused after the switch was taken says that it is not on yet, so that
 * both are to be asked for again (AMI tells to allow 5 s: Lenovo TSM, "Manager Configure CD Instance Action").
 *
 * @throws RedfishError `bmc-busy` when the switch was taken and shows no effect
 */
export async function switchMediaOn(
  sender: Sender,
  { enableTarget, countTarget }: MediaSwitch,
  timing: TaskTiming,
): Promise<void> {
  const ask = async (target: string, json: object) =>
    void (await followTask(sender, await sender.send("POST", target, { json }), timing));
  let refusal: unknown;
  try {
    await ask(enableTarget, { RMediaState: "Enable" });
  } catch (error) {
    if (countTarget === undefined || !isRefusal(error)) throw error;
    refusal = error;
  }
  if (countTarget === undefined) return;
  try {
    await ask(countTarget, { CDInstance: 1 });
  } catch (error) {
    throw refusal ?? (isRefusal(error) ? notYetOn(error) : error);
  }
}

function isRefusal(error: unknown): error is RedfishError {
  return error instanceof RedfishError && error.status === 400;
}

function notYetOn(cause: RedfishError): RedfishError {
  return new RedfishError(`remote media was switched on and is not on: ${cause.message}`, {
    code: "bmc-busy",
    retryable: true,
    mayHaveActed: true,
    messages: cause.messages,
    cause,
  });
}
