import { type Answer, NO_CONTENT, refuse } from "../answer.ts";
import type { Override } from "../host.ts";
import type { Profile } from "../profile.ts";
import { type Exchange, type Face, propertiesOf } from "./face.ts";
import { patchBootLikeSushy } from "./sushy-tools.ts";

const NAMES = { enabled: "BootSourceOverrideEnabled", target: "BootSourceOverrideTarget" } as const;
const MODE = "BootSourceOverrideMode";

/** The Boot property of the system. */
export function bootBody({ profile, host }: Face): Record<string, unknown> {
  const { targets, listsTargets, enabled, modes } = profile.boot;
  const isSushy = profile.dialect === "sushy-tools";
  return {
    [NAMES.enabled]: host.override.enabled,
    ...(!isSushy && { [`${NAMES.enabled}@Redfish.AllowableValues`]: enabled }),
    [NAMES.target]: host.override.target,
    ...(listsTargets && { [`${NAMES.target}@Redfish.AllowableValues`]: targets }),
    ...(modes !== null && { [MODE]: host.override.mode, [`${MODE}@Redfish.AllowableValues`]: modes }),
    ...(isSushy && { HttpBootUri: "None" }),
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
  const refusal = check(profile, wanted);
  if (refusal !== undefined) return refusal;
  const { enabled, target, mode } = host.override;
  return {
    enabled: (wanted[NAMES.enabled] as string | undefined) ?? enabled,
    target: (wanted[NAMES.target] as string | undefined) ?? target,
    mode: (wanted[MODE] as string | undefined) ?? mode,
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
    if (list === undefined)
      return refuse(400, "PropertyUnknown", `The property ${name} is unknown.`, related);
    if (!list.some((one) => one === value))
      return refuse(400, "PropertyValueNotInList", `${name} is none of ${list.join(", ")}.`, related);
  }
  const missing = boot.wantsAll ? Object.keys(lists).find((name) => wanted[name] === undefined) : undefined;
  return missing === undefined
    ? undefined
    : refuse(400, "PropertyMissing", `The property ${missing} is missing.`, [`Boot/${missing}`]);
}
