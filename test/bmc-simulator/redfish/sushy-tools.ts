import { type Answer, mislabelledText, refuse } from "../answer.ts";
import type { DiscError } from "../disc-reader.ts";
import type { Insert } from "../drives.ts";
import type { Override } from "../host.ts";
import { type Face, propertiesOf } from "./face.ts";

/**
 * The override as sushy-tools' libvirt driver treats it: Enabled is ignored and always Continuous, Disabled alone is
 * refused in plain text, None and a Cd that was never inserted fail inside libvirt, and an unfit mode is told only
 * after the target was taken.
 */
export function patchBootLikeSushy(
  { host, drives, profile }: Face,
  wanted: Record<string, unknown>,
): Override | Answer {
  const { BootSourceOverrideTarget: target, BootSourceOverrideMode: mode } = wanted;
  if (target === undefined && mode === undefined)
    return mislabelledText(
      400,
      "Missing the BootSourceOverrideTarget and/or BootSourceOverrideMode and/or HttpBootUri element",
    );
  if (target !== undefined) {
    if (typeof target !== "string" || !profile.boot.targets.includes(target))
      return refuse(500, "GeneralError", `Unknown Redfish boot device ${JSON.stringify(target)}`);
    if (target === "Cd" && drives.bootableDisc() === null)
      return refuse(500, "GeneralError", "Target libvirt device Cd does not exist");
    host.setOverride({ ...host.override, target });
  }
  if (mode !== undefined && (typeof mode !== "string" || !profile.boot.modes?.includes(mode)))
    return mislabelledText(400, `Boot mode ${JSON.stringify(mode)} is not recognized`);
  return { ...host.override, mode: mode ?? host.override.mode };
}

/** InsertMedia ignores what it does not know, and takes any URL until the download fails. */
export function checkInsertLikeSushy(body: unknown): Insert | Answer {
  const given = propertiesOf(body);
  if (given === undefined)
    return Array.isArray(body)
      ? refuse(500, "GeneralError", "'list' object has no attribute 'get'")
      : refuse(
          400,
          "GeneralError",
          "The browser (or proxy) sent a request that this server could not understand.",
        );
  const { Image: url, UserName: userName, Password: password } = given;
  if (typeof url !== "string" || !/^https?:\/\//.test(url))
    return refuse(
      500,
      "GeneralError",
      `Failed fetching image from URL ${String(url)}: no connection adapters were found`,
    );
  if (userName !== undefined && password === undefined)
    return refuse(400, "GeneralError", "UserName without Password");
  return {
    url,
    inserted: given["Inserted"] !== false,
    writeProtected: given["WriteProtected"] !== false,
    userName: typeof userName === "string" ? userName : null,
  };
}

/** What the image server's failure becomes: 4xx a 400, 5xx a 502, no answer at all a 500. */
export function readFailureLikeSushy({ status, message }: DiscError): Answer {
  const own = status === null ? 500 : status >= 500 ? 502 : 400;
  return refuse(own, "GeneralError", `Failed fetching image from URL: ${message}`);
}
