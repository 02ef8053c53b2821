import type { Profile } from "./profile.ts";
import { ami } from "./profiles/ami.ts";
import { dell } from "./profiles/dell.ts";
import { hpe } from "./profiles/hpe.ts";
import { lenovo } from "./profiles/lenovo.ts";
import { copying, eager, generic, httpBoot, lazy, sushy } from "./profiles/models.ts";
import { openbmc } from "./profiles/openbmc.ts";
import { others } from "./profiles/others.ts";
import { supermicro } from "./profiles/supermicro.ts";

/** Models: each stands for one way in which BMCs behave. */
const MODELS: readonly Profile[] = [generic, eager, lazy, copying, sushy, httpBoot];

/** Families as people own them; times are a hundredth of the real ones, so that a test need not wait for them. */
export const FAMILIES: readonly Profile[] = [
  ...dell,
  ...hpe,
  ...lenovo,
  ...supermicro,
  ...openbmc,
  ...ami,
  ...others,
];

/** Every profile by its name. */
export const PROFILES: Readonly<Record<string, Profile>> = Object.fromEntries(
  [...MODELS, ...FAMILIES].map((profile) => [profile.name, profile]),
);

/** @throws RangeError that lists the names there are */
export function profileNamed(name: string): Profile {
  const profile = PROFILES[name];
  if (profile === undefined)
    throw new RangeError(
      `no profile is called ${name}; there are ${Object.keys(PROFILES).join(", ")} and mix`,
    );
  return profile;
}
