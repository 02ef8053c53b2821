import type { Parts } from "../parts.ts";
import { done, type Step, type StepContext } from "../step.ts";
import { known, maybe } from "./known.ts";
import { bringPower } from "./power.ts";

/** Switches the machine off, so that what follows begins from a state that can be seen. */
export function powerOff(parts: Pick<Parts, "timing">): Step {
  return {
    name: "power-off",
    async run(context) {
      const description = known(context, "bmc");
      if (!mayBeOn(context) && description.state.power === "off")
        return { kind: "skipped", why: "it was off" };
      return (await bringPower(parts, context, description, "off")) ?? done();
    },
  };
}

/** What was seen when the BMC was opened holds until we work on the machine, an earlier rung too, or somebody else does. */
function mayBeOn(context: StepContext): boolean {
  const isTouched = context.view.intents.some(({ kind }) => kind !== "media-switch");
  const isForeign = (maybe(context, "foreignPowerOns") ?? 0) > 0;
  return isTouched || isForeign || maybe(context, "poweredOnAt") !== undefined;
}
