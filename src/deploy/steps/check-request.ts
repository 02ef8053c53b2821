import { ImageError } from "../../images/index.ts";
import type { Parts } from "../parts.ts";
import { done, type Step } from "../step.ts";
import { deploymentOf } from "./known.ts";

/** Asks the image's source whether it is there, before any BMC hears of the deployment. */
export function checkRequest({ images }: Pick<Parts, "images">): Step {
  return {
    name: "check-request",
    async run(context) {
      const { url, checksum } = deploymentOf(context).boot.iso;
      const { imageAuth } = await context.secrets();
      try {
        await images.check({ url, checksum, ...(imageAuth === undefined ? {} : { auth: imageAuth }) });
      } catch (error) {
        // With a checksum the bytes may be in the store already, and then nobody needs the source.
        if (!(error instanceof ImageError) || error.code !== "image-unreachable" || checksum === null)
          throw error;
        context.warn(error.message);
      }
      return done();
    },
  };
}
