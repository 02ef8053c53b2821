import type { ImageRequest, StoredImage } from "../../images/index.ts";
import type { Parts } from "../parts.ts";
import { type FetchedParts, partsAtUrls } from "../read-parts.ts";
import { fetchedImagesOf, imageRequest, type ImageRole } from "../request.ts";
import type { StepContext, Waiting } from "../step.ts";
import { deploymentOf } from "./known.ts";

type Fetched = Partial<Record<ImageRole, StoredImage>>;

/**
 * Brings all images of a deployment and the parts of its request that are at URLs at once, once for all who want them.
 *
 * @returns them, or what to wait for until the last is here @throws ImageError
 */
export async function fetchImages(
  { images }: Pick<Parts, "images">,
  context: StepContext,
  next: string,
): Promise<{ images: Fetched; parts: FetchedParts } | { waiting: Waiting }> {
  const secrets = await context.secrets();
  const asked = fetchedImagesOf(deploymentOf(context));
  const wanted: [string, ImageRequest][] = [
    ...asked.map(([role, image]): [string, ImageRequest] => [role, imageRequest(role, image, secrets)]),
    ...partsAtUrls(context),
  ];
  const here = new Map<string, StoredImage>();
  const coming: Coming[] = [];
  for (const [name, request] of wanted) {
    const fetched = await images.ensure(request, context.view.id, () => context.nudge("image"));
    if (fetched.state === "failed") throw fetched.error;
    if (fetched.state === "ready") here.set(name, fetched.image);
    else coming.push({ name, bytesRead: fetched.bytesRead, sizeBytes: fetched.sizeBytes });
  }
  if (coming.length > 0) return { waiting: waitForImages(coming, next) };
  const byRole: Fetched = {};
  for (const [role] of asked) byRole[role] = here.get(role)!;
  return { images: byRole, parts: here };
}

/** An image that is on its way. */
interface Coming {
  /** Its role, or the name of a part. */
  name: string;
  bytesRead: number;
  sizeBytes: number | null;
}

const NAMES: Partial<Record<string, string>> = {
  iso: "image",
  disk: "disk image",
  "config-drive": "config drive",
};

/** All are fetched at once; this waits for the last. Each tenth of what comes is an event. */
function waitForImages(coming: Coming[], next: string): Waiting {
  const names = coming.map(({ name }) => NAMES[name] ?? name);
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
