import { ImageError, type ImageRequest } from "../../images/index.ts";
import type { Parts } from "../parts.ts";
import { partsAtUrls } from "../read-parts.ts";
import { imageRequest, type ImageSpec, imagesOf } from "../request.ts";
import { done, type Step, type StepContext } from "../step.ts";
import { deploymentOf } from "./known.ts";

/** Asks the images' sources whether they are there, before any BMC hears of the deployment. */
export function checkRequest({ images }: Pick<Parts, "images">): Step {
  return {
    name: "check-request",
    async run(context) {
      const secrets = await context.secrets();
      for (const [role, image] of imagesOf(deploymentOf(context)))
        await check(images, context, image, imageRequest(role, image, secrets));
      for (const [, part] of partsAtUrls(context)) await check(images, context, part, part);
      return done();
    },
  };
}

async function check(
  images: Parts["images"],
  context: StepContext,
  { checksum }: Pick<ImageSpec, "checksum">,
  request: ImageRequest,
): Promise<void> {
  try {
    await images.check(request, context.view.id);
  } catch (error) {
    // With a checksum the bytes may be in the store already, and then nobody needs the source.
    if (!(error instanceof ImageError) || error.code !== "image-unreachable" || checksum === null)
      throw error;
    context.warn(error.message);
  }
}
