import type { Parts } from "../parts.ts";
import { done, type Step } from "../step.ts";
import { bringBootToDisk } from "./eject.ts";
import { deploymentOf, known } from "./known.ts";
import { bringPower } from "./power.ts";

/** Sees to it that the next boot goes to the disk, and boots it unless the machine is to stay off. */
export function bootFromDisk(parts: Pick<Parts, "timing">): Step {
  return {
    name: "boot-from-disk",
    async run(context) {
      const waiting = await bringBootToDisk(parts, context);
      if (waiting !== undefined) return waiting;
      context.evidence("boots-from-disk", "the boot override reads back as over", "strong");
      if (deploymentOf(context).power === "off") return done({}, "the machine stays off, as was asked");
      return (await bringPower(parts, context, known(context, "bmc"), "on")) ?? done();
    },
  };
}
