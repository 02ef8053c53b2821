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
  /** Begins what is needed and does not wait for the bytes; never throws. */
  begin(exposure: ExposedDisc | ExposedFile): Promise<void>;
}

type Needed = Pick<ProvisionParts, "store" | "images" | "makeAgain" | "seals" | "clock" | "log">;

/** How often the source of one disc is asked again. */
const TRIES = { atOnce: 1, perSecond: 1 / 15 };

export function createRefetch(parts: Needed): Refetch {
  const { images, makeAgain, clock, log } = parts;
  const tries = createAllowance(TRIES, clock);
  return {
    async begin({ disc, recordId }) {
      if (!tries.take(disc.id)) return;
      const facts = { discId: disc.id, recordId };
      try {
        const source = await sourceOf(parts, recordId);
        if (source === undefined) return;
        for (const digest of await lacking(parts, disc)) {
          const request = source.requestFor(digest);
          log.warn({ ...facts, digest }, "the bytes of a disc are not here and are fetched again");
          if (request === undefined) {
            if (!(await makeAgain(digest, source.holder)))
              log.error(
                { ...facts, digest },
                "nothing that this machine has gives the bytes of a disc again",
              );
            continue;
          }
          const state = await images.ensure(request, source.holder, () => undefined);
          if (state.state === "failed") throw state.error;
        }
      } catch (error) {
        log.error({ ...facts, error }, "the bytes of a disc could not be fetched again");
      }
    },
  };
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
