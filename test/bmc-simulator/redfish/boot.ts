import { type Answer, NO_CONTENT, refuse, refuseAs } from "../answer.ts";
import type { Override } from "../host.ts";
import type { Profile } from "../profile.ts";
import { type Exchange, type Face, propertiesOf } from "./face.ts";
import { patchBootLikeSushy } from "./sushy-tools.ts";

const NAMES = { enabled: "BootSourceOverrideEnabled", target: "BootSourceOverrideTarget" } as const;
const MODE = "BootSourceOverrideMode";
const URI = "HttpBootUri";

/** The Boot property of the system, or of its settings object. */
export function bootBody({ profile, host }: Face, at: "system" | "settings"): Record<string, unknown> {
  const { targets, listsTargets, enabled, listsEnabled, modes, listsModes } = profile.boot;
  const isSushy = profile.dialect === "sushy-tools";
  return {
    [NAMES.enabled]: host.override.enabled,
    ...(listsEnabled && { [`${NAMES.enabled}@Redfish.AllowableValues`]: enabled }),
    [NAMES.target]: host.override.target,
    ...((listsTargets === "everywhere" || listsTargets === at) && {
      [`${NAMES.target}@Redfish.AllowableValues`]: targets,
    }),
    ...(modes !== null && { [MODE]: host.override.mode }),
    ...(modes !== null && listsModes && { [`${MODE}@Redfish.AllowableValues`]: modes }),
    ...(isSushy && { [URI]: "None" }),
    ...(profile.boot.httpUri !== null && { [URI]: host.override.httpUri ?? profile.boot.httpUri.empty }),
  };
}

/** PATCH of a system, or of its settings: nothing but the override can be written. */
export async function patchBoot(face: Face, exchange: Exchange): Promise<Answer> {
  const { Boot: boot, ...others } = propertiesOf(exchange.body) ?? {};
  const wanted = propertiesOf(boot);
  if (wanted === undefined) return refuse(400, "PropertyMissing", "The property Boot is missing.", ["Boot"]);
  const [other] = Object.keys(others);
  if (other !== undefined) return refuse(400, "PropertyNotWritable", `${other} cannot be written.`, [other]);
  const plan = face.profile.dialect === "sushy-tools" ? patchBootLikeSushy(face, wanted) : next(face, wanted);
  if ("status" in plan) return plan;
  return face.answerOf("boot", async () => {
    face.host.setOverride(plan);
    face.act(exchange, { what: "override", ...plan });
    return NO_CONTENT;
  });
}

function next({ profile, host }: Face, wanted: Record<string, unknown>): Override | Answer {
  const { refusesBoot } = profile.post;
  if (refusesBoot !== null && host.isInPost) return refuseAs(refusesBoot);
  const refusal = check(profile, wanted);
  if (refusal !== undefined) return refusal;
  const { enabled, target, mode, httpUri } = host.override;
  const isKept = URI in wanted && profile.boot.httpUri?.isKept === true;
  const falls = profile.boot.targetResetsMode && wanted[NAMES.target] !== undefined;
  return {
    enabled: (wanted[NAMES.enabled] as string | undefined) ?? enabled,
    target: (wanted[NAMES.target] as string | undefined) ?? target,
    mode: (wanted[MODE] as string | undefined) ?? (falls && mode !== null ? "Legacy" : mode),
    // Nothing is null by the schema, and an empty text for many.
    httpUri: isKept ? (wanted[URI] as string | null) || null : httpUri,
  };
}

function check({ boot }: Profile, wanted: Record<string, unknown>): Answer | undefined {
  const lists: Record<string, readonly string[]> = {
    [NAMES.enabled]: boot.enabled,
    [NAMES.target]: boot.targets,
    ...(boot.modes !== null && { [MODE]: boot.modes }),
  };
  for (const [name, value] of Object.entries(wanted)) {
    const list = lists[name];
    const related = [`Boot/${name}`];
    if (name === URI && boot.httpUri !== null) {
      if (value === null || isUri(value)) continue;
      return refuse(400, "PropertyValueFormatError", `${name} is no URI.`, related);
    }
    if (list === undefined)
      return refuse(400, "PropertyUnknown", `The property ${name} is unknown.`, related);
    if (!list.some((one) => one === value))
      return refuse(400, "PropertyValueNotInList", `${name} is none of ${list.join(", ")}.`, related);
  }
  const needed = boot.wantsAll ? Object.keys(lists) : boot.wantsEnabled ? [NAMES.enabled] : [];
  const missing = needed.find((name) => wanted[name] === undefined);
  return missing === undefined
    ? undefined
    : refuse(400, "PropertyMissing", `The property ${missing} is missing.`, [`Boot/${missing}`]);
}

const isUri = (value: unknown) => value === "" || (typeof value === "string" && URL.canParse(value));
