import type { StoredImage } from "../../images/index.ts";
import type { Parts } from "../parts.ts";
import { fetchedImagesOf, imageRequest, type ImageRole } from "../request.ts";
import type { StepContext, Waiting } from "../step.ts";
import { deploymentOf } from "./known.ts";

type Fetched = Partial<Record<ImageRole, StoredImage>>;

/**
 * Brings all images of a deployment at once, once for all who want them.
 *
 * @returns them, or what to wait for until the last is here @throws ImageError
 */
export async function fetchImages(
  { images }: Pick<Parts, "images">,
  context: StepContext,
  next: string,
): Promise<{ images: Fetched } | { waiting: Waiting }> {
  const secrets = await context.secrets();
  const here: Fetched = {};
  const coming: Coming[] = [];
  for (const [role, image] of fetchedImagesOf(deploymentOf(context))) {
    const wanted = imageRequest(role, image, secrets);
    const fetched = await images.ensure(wanted, context.view.id, () => context.nudge("image"));
    if (fetched.state === "failed") throw fetched.error;
    if (fetched.state === "ready") here[role] = fetched.image;
    else coming.push({ role, bytesRead: fetched.bytesRead, sizeBytes: fetched.sizeBytes });
  }
  return coming.length === 0 ? { images: here } : { waiting: waitForImages(coming, next) };
}

/** An image that is on its way. */
interface Coming {
  role: ImageRole;
  bytesRead: number;
  sizeBytes: number | null;
}

const NAMES: Partial<Record<ImageRole, string>> = {
  iso: "image",
  disk: "disk image",
  "config-drive": "config drive",
};

/** All are fetched at once; this waits for the last. Each tenth of what comes is an event. */
function waitForImages(coming: Coming[], next: string): Waiting {
  const names = coming.map(({ role }) => NAMES[role] ?? role);
  return {
    kind: "waiting",
    what: `the ${names.join(" and the ")} to be fetched and verified`,
    next: [next, ...tenthsOf(coming)].join("; "),
    lookAgainMs: 2_000,
  };
}

const MIB = 2 ** 20;

function tenthsOf(coming: Coming[]): string[] {
  const sizeBytes = coming.reduce((sum, one) => sum + (one.sizeBytes ?? NaN), 0);
  const bytesRead = coming.reduce((sum, one) => sum + one.bytesRead, 0);
  const percent = 10 * Math.floor((10 * bytesRead) / sizeBytes);
  return percent > 0 ? [`${percent} % of ${Math.ceil(sizeBytes / MIB)} MiB have come`] : [];
}
