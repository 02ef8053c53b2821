import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { isObject, type Loose, readOrMissing, stringAt } from "./json.ts";
import { resetTarget, type System } from "./system.ts";
import { followTask, type TaskTiming } from "./task.ts";

/** PowerState of the ComputerSystem schema; `unknown` where the BMC gives null or a word of its own. */
export type PowerState = "on" | "off" | "powering-on" | "powering-off" | "paused" | "unknown";

/** What can be asked for: only states that can be seen, never a blind restart. */
export type PowerAction = "on" | "off" | "force-off";

const STATES: Record<string, PowerState> = {
  On: "on",
  Off: "off",
  PoweringOn: "powering-on",
  PoweringOff: "powering-off",
  Paused: "paused",
};

/** ResetTypes for an action, best first. */
const RESET_TYPES: Record<PowerAction, readonly string[]> = {
  on: ["On", "ForceOn"],
  off: ["GracefulShutdown"],
  "force-off": ["ForceOff"],
};

export async function readPower(sender: Sender, system: System): Promise<PowerState> {
  const { body } = await sender.send("GET", system.path);
  return STATES[stringAt(body, "PowerState") ?? ""] ?? "unknown";
}

/**
 * Asks for a power state. Success is the BMC's promise only: read the power until it shows.
 *
 * @throws RedfishError `bmc-unsupported` naming the reset types when none of ours is allowed; nothing was sent then
 */
export async function setPower(
  sender: Sender,
  system: System,
  action: PowerAction,
  timing: TaskTiming,
): Promise<void> {
  const { body } = await sender.send("GET", system.path);
  const target = resetTarget(body);
  const allowed = await readResetTypes(sender, body);
  // Where a BMC lists nothing, the standard's own words are tried (field notes, 2.1 row 51).
  const type = RESET_TYPES[action].find((wanted) => allowed?.includes(wanted) ?? true);
  if (target === undefined || type === undefined) {
    throw new RedfishError(
      `${system.path} allows no reset for "${action}"; it lists ${allowed?.join(", ") ?? "none"}`,
      {
        code: "bmc-unsupported",
        retryable: false,
        hint: "Another firmware or licence of the BMC may allow it.",
      },
    );
  }
  await followTask(sender, await sender.send("POST", target, { json: { ResetType: type } }), timing);
}

/** The reset types that a system allows, inline or by ActionInfo; undefined where it lists none. */
async function readResetTypes(sender: Sender, system: unknown): Promise<string[] | undefined> {
  const action =
    isObject(system) && isObject(system["Actions"]) ? system["Actions"]["#ComputerSystem.Reset"] : {};
  const inline = strings(action, "ResetType@Redfish.AllowableValues");
  const link = stringAt(action, "@Redfish.ActionInfo");
  if (inline !== undefined || link === undefined) return inline;
  const info = await readOrMissing(sender, link);
  const parameters = isObject(info) ? [info["Parameters"]].flat() : [];
  const parameter = parameters.find((entry) => stringAt(entry, "Name") === "ResetType");
  return strings(parameter, "AllowableValues");
}

function strings(body: unknown, name: string): string[] | undefined {
  const listed = (isObject(body) ? body : ({} as Loose))[name];
  const values = Array.isArray(listed) ? listed.filter((value) => typeof value === "string") : [];
  return values.length > 0 ? values : undefined;
}
