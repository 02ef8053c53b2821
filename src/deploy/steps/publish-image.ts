import { ulid } from "ulid";
import { type Disc, fileOfBytes, fileOfImage, type StoredImage } from "../../images/index.ts";
import { WRITE_IMAGE } from "../agent/job.ts";
import { packedConfigDrive } from "../config-drive.ts";
import { filePath } from "../exposure.ts";
import type { Parts } from "../parts.ts";
import { type FetchedParts, partsAtUrls } from "../read-parts.ts";
import type { WriteSpec } from "../request.ts";
import { fileSecret, hashOf } from "../secret.ts";
import { done, type Step, type StepContext } from "../step.ts";
import { fetchImages } from "./fetch-images.ts";
import { deploymentOf, known } from "./known.ts";

type Needed = Pick<Parts, "images" | "exposures" | "seals" | "blobs">;

/** A config drive above this does not stand in the command but is fetched by the agent, as is one that had to be fetched. */
const COMMAND_BYTES = 256 * 1024;

/** Judges the disk image by its content and serves it to the agent, so that the agent needs no credential for its source. */
export function publishImage(parts: Needed): Step {
  return {
    name: "publish-image",
    async run(context) {
      const { write } = deploymentOf(context);
      if (write === undefined) return { kind: "skipped", why: "no disk image is written" };
      const fetched = await fetchImages(parts, context, "the disk image is judged by its content");
      if ("waiting" in fetched) return fetched.waiting;
      const { disk, "config-drive": drive } = fetched.images;
      const isConfigDriveServed = await publishConfigDrive(parts, context, write, {
        drive,
        fetched: fetched.parts,
      });
      if (disk === undefined)
        return done({ isConfigDriveServed }, "the agent reads the image from its source");
      const { format, warnings } = await admit(parts, context, write, disk);
      for (const warning of warnings) context.warn(warning);
      const file = fileOfImage(disk, `img_${ulid(context.nowMs())}`);
      await exposeFile(parts, context, "disk", file);
      const { digest, sizeBytes } = disk;
      return done(
        { diskImage: { id: file.id, digest, sizeBytes, format }, isConfigDriveServed },
        `${format} ${digest}`,
      );
    },
  };
}

/** A step that installs in its own way takes images of its own kinds, and judges them itself. */
async function admit(
  { images }: Needed,
  context: StepContext,
  { image, force }: WriteSpec,
  disk: StoredImage,
) {
  if (!deploymentOf(context).agent?.steps.some(({ step }) => step === WRITE_IMAGE))
    return { format: "raw" as const, warnings: [] };
  const bootMode = deploymentOf(context).bootMode ?? (await context.node()).bootMode;
  const { format: declared, kind } = image;
  return images.admitDisk(disk, { declared, kind, bootMode, force });
}

/** Serves a file of this deployment under a path of its own. */
export async function exposeFile(
  { exposures, seals }: Pick<Parts, "exposures" | "seals">,
  context: StepContext,
  name: string,
  disc: Disc,
): Promise<void> {
  const secretHash = hashOf(fileSecret(seals, context.view.id, name));
  await exposures.publish({ kind: "file", secretHash, recordId: context.view.id, disc });
}

/** Where the agent reads a file of this deployment; made anew each time rather than kept. */
export function fileUrl({ seals }: Pick<Parts, "seals">, context: StepContext, name: string): string {
  return `${known(context, "provisionUrl")}${filePath(fileSecret(seals, context.view.id, name))}`;
}

/** @returns whether the agent has to fetch it */
async function publishConfigDrive(
  parts: Needed,
  context: StepContext,
  write: WriteSpec,
  fetched: { drive: StoredImage | undefined; fetched: FetchedParts },
): Promise<boolean> {
  const packed = await packedConfigDrive(parts, context, write, fetched);
  const isAtHand = write.configDrive.kind !== "fetched" && partsAtUrls(context).length === 0;
  if (packed === null || (isAtHand && packed.length <= COMMAND_BYTES)) return false;
  const file = fileOfBytes(Buffer.from(packed), `cfg_${ulid(context.nowMs())}`);
  await exposeFile(parts, context, "config-drive", file);
  return true;
}
