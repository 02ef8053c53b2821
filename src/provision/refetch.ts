import {
  type DeploymentRequest,
  type ExposedDisc,
  type ExposedFile,
  imageRequest,
  type ImageRole,
  imagesOf,
  type OperationRequest,
  type RequestSecrets,
} from "../deploy/index.ts";
import type { ImageRequest } from "../images/index.ts";
import { createAllowance } from "./allowance.ts";
import type { ProvisionParts } from "./parts.ts";

/** Brings back the bytes of a disc that is served and whose copy this process lacks. */
export interface Refetch {
  /**
   * Begins what is needed, unless that was done a moment ago, and waits for the bytes for a while; never throws.
   *
   * @param isWanted whether the reader still waits
   * @returns whether all bytes are here now; a reader is to come again otherwise
   */
  bring(exposure: ExposedDisc | ExposedFile, isWanted: () => boolean): Promise<boolean>;
}

type Needed = Pick<ProvisionParts, "store" | "images" | "makeAgain" | "seals" | "clock" | "log">;

/** How often the source of one disc is asked again. */
const TRIES = { atOnce: 1, perSecond: 1 / 15 };
/** Pause between two looks whether the bytes have come. */
const LOOK_MS = 50;

/** @param waitMs for how long one read waits */
export function createRefetch(parts: Needed, waitMs: number): Refetch {
  const tries = createAllowance(TRIES, parts.clock);
  const sentAway = createAllowance({ atOnce: 1, perSecond: 1 / 60 }, parts.clock);

  /** @returns whether there is something to wait for */
  async function begin({ disc, recordId }: ExposedDisc | ExposedFile): Promise<boolean> {
    try {
      return await fetchAgain(parts, disc, recordId);
    } catch (error) {
      parts.log.error({ discId: disc.id, recordId, error }, "the bytes of a disc could not be fetched again");
      return false;
    }
  }

  async function wait(disc: ExposedDisc["disc"], isWanted: () => boolean): Promise<boolean> {
    const endsAt = performance.now() + waitMs;
    while ((await lacking(parts, disc)).length > 0) {
      if (!isWanted() || performance.now() > endsAt) return false;
      await new Promise((resume) => setTimeout(resume, LOOK_MS));
    }
    return true;
  }

  return {
    async bring(exposure, isWanted) {
      const { disc, recordId } = exposure;
      const isComing = !tries.take(disc.id) || (await begin(exposure));
      const isHere = isComing && (await wait(disc, isWanted));
      if (!isHere && isWanted() && sentAway.take(disc.id))
        parts.log.warn(
          { discId: disc.id, recordId },
          "readers are asked to come again, as bytes are not here yet",
        );
      return isHere;
    },
  };
}

/** Begins to fetch what is lacking. @returns whether it comes */
async function fetchAgain(parts: Needed, disc: ExposedDisc["disc"], recordId: string): Promise<boolean> {
  const { images, makeAgain, log } = parts;
  const source = await sourceOf(parts, recordId);
  if (source === undefined) return false;
  for (const digest of await lacking(parts, disc)) {
    const facts = { discId: disc.id, recordId, digest };
    const request = source.requestFor(digest);
    log.warn(facts, "the bytes of a disc are not here and are fetched again");
    if (request === undefined) {
      if (await makeAgain(digest, source.holder)) continue;
      log.error(facts, "nothing that this machine has gives the bytes of a disc again");
      return false;
    }
    const state = await images.ensure(request, source.holder, () => undefined);
    if (state.state === "failed") throw state.error;
  }
  return true;
}

async function lacking({ images }: Needed, disc: ExposedDisc["disc"]): Promise<string[]> {
  const digests = new Set(disc.extents.flatMap((extent) => (extent.kind === "blob" ? [extent.digest] : [])));
  const found = await Promise.all([...digests].map(async (digest) => [digest, await images.find(digest)]));
  return found.flatMap(([digest, image]) => (image === undefined ? [digest as string] : []));
}

/** Where a deployment got its images from. */
interface Source {
  holder: string;
  /** @returns undefined when none of its images has that digest */
  requestFor(digest: string): ImageRequest | undefined;
}

/** Whoever looks after the disc now may be another record than the one that made it. */
async function sourceOf(parts: Needed, recordId: string): Promise<Source | undefined> {
  const view = await parts.store.get(recordId);
  if (view === undefined) return undefined;
  if (view.kind === "operation") {
    const { operation } = view.request as OperationRequest;
    return operation.kind === "eject-when-due" ? sourceOf(parts, operation.deploymentId) : undefined;
  }
  const secrets = await secretsOf(parts, recordId);
  const images = imagesOf(view.request as DeploymentRequest);
  const digests = (view.facts["images"] ?? {}) as Partial<Record<ImageRole, string>>;
  return {
    holder: recordId,
    requestFor(digest) {
      const found = images.find(([role]) => digests[role] === digest);
      return found && { ...imageRequest(...found, secrets), digest };
    },
  };
}

async function secretsOf({ store, seals }: Needed, recordId: string): Promise<RequestSecrets> {
  const sealed = await store.sealedSecrets(recordId);
  return sealed === null ? {} : (JSON.parse(seals.open(sealed, recordId)) as RequestSecrets);
}
