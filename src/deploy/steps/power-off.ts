import type { Parts } from "../parts.ts";
import { done, type Step } from "../step.ts";
import { known, maybe } from "./known.ts";
import { bringPower } from "./power.ts";

/** Switches the machine off, so that what follows begins from a state that can be seen. */
export function powerOff(parts: Pick<Parts, "timing">): Step {
  return {
    name: "power-off",
    async run(context) {
      const description = known(context, "bmc");
      // What was seen when the BMC was opened holds unless somebody else works on the machine too.
      const isAlone = (maybe(context, "foreignPowerOns") ?? 0) === 0 && context.view.intents.length === 0;
      if (isAlone && description.state.power === "off") return { kind: "skipped", why: "it was off" };
      return (await bringPower(parts, context, description, "off")) ?? done();
    },
  };
}
