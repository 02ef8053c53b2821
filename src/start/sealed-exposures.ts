import {
  type ExposedDisc,
  type ExposedFile,
  type Exposure,
  type Exposures,
  placeOfExtents,
  type Seals,
} from "../deploy/index.ts";
import type { Extent } from "../images/index.ts";

/** A disc or file whose own bytes are unreadable at rest: they hold the node's files and the path of its call-back. */
type Sealed = (ExposedDisc | ExposedFile) & { sealedExtents?: string };

/** Keeps exposures whose discs have bytes of their own with these bytes sealed. */
export function sealExposures(inner: Exposures, seals: Pick<Seals, "seal" | "open">): Exposures {
  return {
    publish: (exposure) => inner.publish(sealed(exposure, seals)),
    expire: (...asked) => inner.expire(...asked),
    async find(secretHash) {
      const found = await inner.find(secretHash);
      return found && opened(found, seals);
    },
  };
}

function sealed(exposure: Exposure, seals: Pick<Seals, "seal">): Exposure {
  if (!("disc" in exposure) || !exposure.disc.extents.some(({ kind }) => kind === "bytes")) return exposure;
  const sealedExtents = seals.seal(JSON.stringify(exposure.disc.extents), placeOfExtents(exposure.disc.id));
  const kept: Sealed = { ...exposure, disc: { ...exposure.disc, extents: [] }, sealedExtents };
  return kept;
}

function opened(found: Exposure, seals: Pick<Seals, "open">): Exposure {
  if (!("disc" in found)) return found;
  const { sealedExtents, ...exposure }: Sealed = found;
  if (sealedExtents === undefined) return found;
  const extents = JSON.parse(seals.open(sealedExtents, placeOfExtents(found.disc.id))) as Extent[];
  return { ...exposure, disc: { ...found.disc, extents } };
}
