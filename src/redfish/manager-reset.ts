import { readAllowed } from "./action-info.ts";
import type { BmcDescription } from "./bmc.ts";
import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { allows, readOrMissing, stringAt } from "./json.ts";
import { followTask, type TaskTiming } from "./task.ts";

/** Restarts of the BMC itself, gentlest first; never one that brings settings back to how they left the factory. */
const RESTARTS = ["GracefulRestart", "ForceRestart"];

type Managed = Pick<BmcDescription, "managers">;

/**
 * Asks the BMC to restart itself (Redfish Manager, `#Manager.Reset`). Its machines go on. The answer may never come, since
 * what would send it is going down.
 *
 * @throws RedfishError `bmc-unsupported` when no manager offers a restart; nothing was done then
 */
export async function resetBmc(sender: Sender, { managers }: Managed, timing: TaskTiming): Promise<void> {
  for (const { path } of managers) {
    const manager = await readOrMissing(sender, path);
    const target = stringAt(manager, "Actions", "#Manager.Reset", "target");
    if (target === undefined) continue;
    const listed = await readAllowed(sender, manager, "#Manager.Reset", "ResetType");
    const type = RESTARTS.find((one) => listed === undefined || allows(listed, one));
    if (type === undefined) throw unsupported(`${path} offers no restart, but ${listed!.join(", ")}`);
    await followTask(sender, await sender.send("POST", target, { json: { ResetType: type } }), timing);
    return;
  }
  throw unsupported(`no manager of the BMC has the action Manager.Reset`);
}

/**
 * When the BMC was restarted last, by its own clock (Manager 1.8, `LastResetTime`). That it answers at all says that it is up.
 *
 * @returns undefined where it does not say
 */
export async function readLastReset(sender: Sender, { managers }: Managed): Promise<string | undefined> {
  const bodies = [];
  for (const { path } of managers) bodies.push((await sender.send("GET", path)).body);
  return bodies.map((body) => stringAt(body, "LastResetTime")).find((time) => time !== undefined);
}

function unsupported(message: string): RedfishError {
  return new RedfishError(message, {
    code: "bmc-unsupported",
    retryable: false,
    hint: "Restart it by its own web page or command line, or cut its power.",
  });
}
