import { ulid } from "ulid";
import type { Disc, StoredImage } from "../../images/index.ts";
import { discPath } from "../exposure.ts";
import type { Parts } from "../parts.ts";
import { discSecret, hashOf } from "../secret.ts";
import { done, type Step, type StepContext } from "../step.ts";
import { deploymentOf, known, maybe } from "./known.ts";

type Needed = Pick<Parts, "images" | "exposures" | "seals" | "log">;

/** Fetches and verifies the image once for all who want it, and serves this attempt's disc under a path of its own. */
export function publishDisc(parts: Needed): Step {
  return {
    name: "publish-disc",
    async run(context) {
      const { url, checksum } = deploymentOf(context).boot.iso;
      const { imageAuth, callbackSecret } = await context.secrets();
      const request = { url, checksum, ...(imageAuth === undefined ? {} : { auth: imageAuth }) };
      const fetched = await parts.images.ensure(request, context.view.id, () => context.nudge("image"));
      if (fetched.state === "failed") throw fetched.error;
      if (fetched.state === "fetching")
        return {
          kind: "waiting",
          what: "the image to be fetched and verified",
          next: "the disc is published",
          lookAgainMs: 5_000,
        };
      if (callbackSecret !== undefined)
        await parts.exposures.publish({
          kind: "callback",
          secretHash: hashOf(callbackSecret),
          recordId: context.view.id,
        });
      const disc = await expose(parts, context, fetched.image);
      return done({ disc: { id: disc.id, sizeBytes: disc.sizeBytes } }, fetched.image.digest);
    },
  };
}

async function expose(parts: Needed, context: StepContext, image: StoredImage): Promise<Disc> {
  const report = await parts.images.inspect(image.path);
  // Asked again after a crash, the same attempt publishes a disc of the same path once more.
  const disc = parts.images.compose(image, report, `disc_${ulid(context.nowMs())}`);
  await parts.exposures.publish({
    kind: "disc",
    secretHash: hashOf(secretOf(parts.seals, context)),
    recordId: context.view.id,
    disc,
    bmcHost: new URL((await context.node()).bmc.address).hostname,
  });
  return disc;
}

/** The URL that the slot is given; made anew each time rather than kept, since whoever has it can read the disc. */
export function discUrl({ seals }: Pick<Parts, "seals">, context: StepContext): string {
  return `${known(context, "provisionUrl")}${discPath(secretOf(seals, context))}`;
}

export function secretOf(seals: Parts["seals"], context: StepContext): string {
  return discSecret(seals, ownerOf(context), maybe(context, "attempt") ?? 0);
}

/** The deployment that the disc was published by. */
export function ownerOf(context: StepContext): string {
  return maybe(context, "discOwner") ?? context.view.id;
}
