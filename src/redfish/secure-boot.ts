import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { isObject, linksOf, readOrMissing, stringAt } from "./json.ts";
import { patchResource } from "./patch.ts";
import { followTask, type TaskTiming } from "./task.ts";

/** Secure Boot of a system (Redfish SecureBoot 1.0). */
export interface SecureBootState {
  path: string;
  /** Whether the next boot is to have it. */
  isEnabled: boolean;
  /** Whether the last boot had it; undefined where the BMC does not say. */
  isActive: boolean | undefined;
  /** `SetupMode` without keys, `UserMode` or `DeployedMode` with. */
  mode: string | undefined;
}

/** @returns undefined where the system has no such resource, or shows nothing in it (Supermicro without its licence) */
export async function readSecureBoot(sender: Sender, system: string): Promise<SecureBootState | undefined> {
  const [path] = linksOf((await sender.send("GET", system)).body, "SecureBoot");
  const body = path === undefined ? undefined : await readOrMissing(sender, path);
  const enabled = isObject(body) ? body["SecureBootEnable"] : undefined;
  if (path === undefined || typeof enabled !== "boolean") return undefined;
  const current = stringAt(body, "SecureBootCurrentBoot");
  const isActive = current === undefined ? undefined : current === "Enabled";
  return { path, isEnabled: enabled, isActive, mode: stringAt(body, "SecureBootMode") };
}

/** Asks for Secure Boot at the next boot, or for none. Read it back. @throws RedfishError where the system has none */
export async function setSecureBoot(
  sender: Sender,
  system: string,
  isOn: boolean,
  timing: TaskTiming,
): Promise<void> {
  const found = await readSecureBoot(sender, system);
  if (found === undefined)
    throw new RedfishError(`${system} shows no Secure Boot that could be set`, {
      code: "bmc-unsupported",
      retryable: false,
      hint: "Set it in the firmware's own menu, and ask for secureBoot unchanged.",
    });
  await followTask(sender, await patchResource(sender, found.path, { SecureBootEnable: isOn }), timing);
}
