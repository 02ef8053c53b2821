import type { ExposedCallback, ExposedDisc, Exposures, Seals } from "../deploy/index.ts";
import type { Extent } from "../images/index.ts";

/** A disc whose own bytes are unreadable at rest: they hold the node's files and the path of its call-back. */
type SealedDisc = ExposedDisc & { sealedExtents?: string };

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

function sealed(
  exposure: ExposedDisc | ExposedCallback,
  seals: Pick<Seals, "seal">,
): SealedDisc | ExposedCallback {
  if (exposure.kind !== "disc" || !exposure.disc.extents.some(({ kind }) => kind === "bytes"))
    return exposure;
  const sealedExtents = seals.seal(JSON.stringify(exposure.disc.extents), placeOf(exposure));
  return { ...exposure, disc: { ...exposure.disc, extents: [] }, sealedExtents };
}

function opened(
  found: SealedDisc | ExposedCallback,
  seals: Pick<Seals, "open">,
): ExposedDisc | ExposedCallback {
  if (found.kind !== "disc" || found.sealedExtents === undefined) return found;
  const { sealedExtents, ...exposure } = found;
  const extents = JSON.parse(seals.open(sealedExtents, placeOf(found))) as Extent[];
  return { ...exposure, disc: { ...found.disc, extents } };
}

/** What was sealed opens for its own disc only. */
function placeOf({ disc }: ExposedDisc): string {
  return `${disc.id}/extents`;
}
