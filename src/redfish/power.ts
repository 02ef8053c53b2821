import { allowedIn, readAllowedAt } from "./action-info.ts";
import type { BootOverride, SystemState } from "./bmc.ts";
import type { Answer, Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { allows, stringAt } from "./json.ts";
import { tagOf } from "./patch.ts";
import { resetTarget } from "./system.ts";
import { followTask, type TaskTiming } from "./task.ts";

/** PowerState of the ComputerSystem schema; `unknown` where the BMC gives null or a word of its own. */
export type PowerState = "on" | "off" | "powering-on" | "powering-off" | "paused" | "unknown";

/** What can be asked for: only states that can be seen, never a blind restart. */
export type PowerAction = "on" | "off" | "force-off";

/** What a description says of a system's Reset. */
export interface Resettable {
  system: { path: string };
  reset: {
    target: string | undefined;
    /** Those that are listed; undefined where none are, or where they were not looked up. */
    types: string[] | undefined;
    /** Where they can be looked up. */
    typesPath?: string;
  };
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

/** Reads what changes of a system, with one request. */
export async function readState(sender: Sender, path: string): Promise<SystemState> {
  return toState(await sender.send("GET", path));
}

/** Reads the boot override of a system or of its settings object. */
export async function readOverride(sender: Sender, path: string): Promise<BootOverride> {
  return toState(await sender.send("GET", path)).override;
}

export function toState({ body, headers }: Pick<Answer, "body" | "headers">): SystemState {
  return {
    power: STATES[stringAt(body, "PowerState") ?? ""] ?? "unknown",
    override: {
      enabled: stringAt(body, "Boot", "BootSourceOverrideEnabled"),
      target: stringAt(body, "Boot", "BootSourceOverrideTarget"),
      mode: stringAt(body, "Boot", "BootSourceOverrideMode"),
      etag: tagOf(headers, body),
    },
    health: stringAt(body, "Status", "HealthRollup") ?? stringAt(body, "Status", "Health"),
    bootProgress: bootProgressOf(body),
  };
}

/** A state of the maker's own stands beside the word `OEM` (ComputerSystem 1.13). */
function bootProgressOf(body: unknown): string | undefined {
  const state = stringAt(body, "BootProgress", "LastState");
  return state === "OEM" ? (stringAt(body, "BootProgress", "OemLastState") ?? state) : state;
}

/**
 * Asks for a power state. Success is the BMC's promise only: read the state until it shows.
 *
 * The standard's own word is sent where none are listed, and also where they would have to be looked up: nearly all BMCs
 * take it. They are looked up when it was refused, or when it was asked for `again`.
 *
 * @throws RedfishError `bmc-unsupported` naming the reset types when none of ours is allowed; nothing was done then
 */
export async function setPower(
  sender: Sender,
  bmc: Resettable,
  action: PowerAction,
  timing: TaskTiming,
  { again = false }: { again?: boolean } = {},
): Promise<void> {
  const isGuess = bmc.reset.types === undefined && bmc.reset.typesPath !== undefined && !again;
  const known = again ? await withTypes(sender, bmc) : bmc;
  try {
    await reset(sender, known, action, timing);
  } catch (error) {
    const isRefusal = error instanceof RedfishError && (error.status === 400 || error.status === 409);
    const wanted = action === "on" ? "on" : "off";
    if (!isRefusal) throw error;
    // Some BMCs refuse what is so already (field notes, 2.1 row 53).
    if ((await readState(sender, bmc.system.path)).power === wanted) return;
    if (!isGuess || error.status !== 400) throw error;
    const listed = await withTypes(sender, bmc);
    if (wordFor(action, listed) === wordFor(action, bmc)) throw error;
    await reset(sender, listed, action, timing);
  }
}

async function reset(
  sender: Sender,
  bmc: Resettable,
  action: PowerAction,
  timing: TaskTiming,
): Promise<void> {
  const json = { ResetType: wordFor(action, bmc) };
  await followTask(sender, await sender.send("POST", bmc.reset.target!, { json }), timing);
}

async function withTypes<Bmc extends Resettable>(sender: Sender, bmc: Bmc): Promise<Bmc> {
  const { types, typesPath } = bmc.reset;
  if (types !== undefined || typesPath === undefined) return bmc;
  const listed = await readAllowedAt(sender, typesPath, "ResetType");
  return { ...bmc, reset: { ...bmc.reset, types: listed } };
}

function wordFor(action: PowerAction, { system, reset: { target, types } }: Resettable): string {
  const word = resetTypeFor(action, types);
  if (target !== undefined && word !== undefined) return word;
  throw new RedfishError(
    `${system.path} allows no reset for "${action}"; it lists ${types?.join(", ") ?? "none"}`,
    {
      code: "bmc-unsupported",
      retryable: false,
      hint: "Another firmware or licence of the BMC may allow it.",
    },
  );
}

/** Where a BMC lists nothing, the standard's own words are tried (field notes, 2.1 row 51). */
export function resetTypeFor(action: PowerAction, listed: readonly string[] | undefined): string | undefined {
  return RESET_TYPES[action].find((wanted) => listed === undefined || allows(listed, wanted));
}

/**
 * How a system is reset, as it says itself.
 *
 * @param lookUp whether to read the allowed types also where that takes a request of its own
 */
export async function readReset(
  sender: Sender,
  system: unknown,
  lookUp: boolean,
): Promise<Resettable["reset"]> {
  const target = resetTarget(system);
  const { values, path } = allowedIn(system, "#ComputerSystem.Reset", "ResetType");
  if (values !== undefined || path === undefined) return { target, types: values };
  return {
    target,
    types: lookUp ? await readAllowedAt(sender, path, "ResetType") : undefined,
    typesPath: path,
  };
}
