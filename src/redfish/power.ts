import { readAllowed } from "./action-info.ts";
import type { SystemState } from "./bmc.ts";
import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { allows, stringAt } from "./json.ts";
import { followTask, type TaskTiming } from "./task.ts";

/** PowerState of the ComputerSystem schema; `unknown` where the BMC gives null or a word of its own. */
export type PowerState = "on" | "off" | "powering-on" | "powering-off" | "paused" | "unknown";

/** What can be asked for: only states that can be seen, never a blind restart. */
export type PowerAction = "on" | "off" | "force-off";

/** What a description says of a system's Reset. */
export interface Resettable {
  system: { path: string };
  reset: { target: string | undefined; types: string[] | undefined };
}

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

/**
 * Reads what changes of a system, with one request.
 *
 * @param settingsPath where the boot override is set if not on the system itself: it is read there, too, since the
 *   system shows it only when the next boot has applied it (DSP0266, "Settings resource")
 */
export async function readState(sender: Sender, path: string, settingsPath?: string): Promise<SystemState> {
  const [state, pending] = await Promise.all(
    [path, settingsPath].map(async (one) =>
      one === undefined ? undefined : toState((await sender.send("GET", one)).body),
    ),
  );
  return { ...state!, override: (pending ?? state!).override };
}

export function toState(body: unknown): SystemState {
  return {
    power: STATES[stringAt(body, "PowerState") ?? ""] ?? "unknown",
    override: {
      enabled: stringAt(body, "Boot", "BootSourceOverrideEnabled"),
      target: stringAt(body, "Boot", "BootSourceOverrideTarget"),
      mode: stringAt(body, "Boot", "BootSourceOverrideMode"),
    },
    bootProgress: stringAt(body, "BootProgress", "LastState"),
  };
}

/**
 * Asks for a power state. Success is the BMC's promise only: read the state until it shows.
 *
 * @throws RedfishError `bmc-unsupported` naming the reset types when none of ours is allowed; nothing was sent then
 */
export async function setPower(
  sender: Sender,
  { system, reset }: Resettable,
  action: PowerAction,
  timing: TaskTiming,
): Promise<void> {
  const type = resetTypeFor(action, reset.types);
  if (reset.target === undefined || type === undefined) {
    throw new RedfishError(
      `${system.path} allows no reset for "${action}"; it lists ${reset.types?.join(", ") ?? "none"}`,
      {
        code: "bmc-unsupported",
        retryable: false,
        hint: "Another firmware or licence of the BMC may allow it.",
      },
    );
  }
  try {
    const answer = await sender.send("POST", reset.target, { json: { ResetType: type } });
    await followTask(sender, answer, timing);
  } catch (error) {
    const isRefusal = error instanceof RedfishError && (error.status === 400 || error.status === 409);
    const wanted = action === "on" ? "on" : "off";
    // Some BMCs refuse what is so already (field notes, 2.1 row 53).
    if (!isRefusal || (await readState(sender, system.path)).power !== wanted) throw error;
  }
}

/** Where a BMC lists nothing, the standard's own words are tried (field notes, 2.1 row 51). */
export function resetTypeFor(action: PowerAction, listed: readonly string[] | undefined): string | undefined {
  return RESET_TYPES[action].find((wanted) => listed === undefined || allows(listed, wanted));
}

/** The reset types that a system allows; undefined where it lists none. */
export function readResetTypes(sender: Sender, system: unknown): Promise<string[] | undefined> {
  return readAllowed(sender, system, "#ComputerSystem.Reset", "ResetType");
}
