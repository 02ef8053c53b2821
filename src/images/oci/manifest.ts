import * as z from "zod";
import { ImageError } from "../errors.ts";
import type { Unpack } from "../recipe.ts";
import { DIGEST } from "./reference.ts";

/** Machines as nodes name them. */
export type Arch = "x86_64" | "aarch64";

/** How the OCI image index names them (`platform.architecture`, Go's words). */
export const GO_ARCH: Record<Arch, string> = { x86_64: "amd64", aarch64: "arm64" };

export const INDEX_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
export const MANIFEST_TYPES = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
/** The annotation that `oras push` and others name a file by. */
export const TITLE = "org.opencontainers.image.title";

const annotations = z.record(z.string(), z.string()).nullish();

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(DIGEST),
  size: z.int().min(0),
  annotations,
});

export type Descriptor = z.output<typeof descriptor>;

const manifest = z.object({ layers: z.array(descriptor).max(1000) });

const index = z.object({
  manifests: z
    .array(
      descriptor.extend({
        platform: z.object({ architecture: z.string(), os: z.string().nullish() }).nullish(),
      }),
    )
    .max(1000),
});

/** What a registry answered for a reference. */
export type Found =
  | { kind: "index"; entries: z.output<typeof index>["manifests"] }
  | { kind: "manifest"; layers: Descriptor[] };

/** Reads an index or a manifest. @throws ImageError `image-not-found` for what is neither */
export function readManifest(bytes: Buffer, mediaType: string, shown: string): Found {
  const body = parse(bytes);
  // The type stands in the body too, and there it is under the digest.
  const named = (body as { mediaType?: unknown } | null)?.mediaType;
  const type = typeof named === "string" ? named : (mediaType.split(";")[0] ?? "").trim();
  const asIndex = INDEX_TYPES.includes(type) ? index.safeParse(body).data : undefined;
  if (asIndex !== undefined) return { kind: "index", entries: asIndex.manifests };
  const asManifest = MANIFEST_TYPES.includes(type) ? manifest.safeParse(body).data : undefined;
  if (asManifest !== undefined) return { kind: "manifest", layers: asManifest.layers };
  throw new ImageError(`${shown} is no manifest that we can read (${type.slice(0, 100)})`, {
    code: "image-not-found",
    retryable: false,
    hint: "OCI and Docker (schema 2) manifests and indexes are read.",
  });
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}

/** The entry of an index for a machine. @throws ImageError `image-not-found` that says what there is */
export function choosePlatform(
  { entries }: Extract<Found, { kind: "index" }>,
  arch: Arch | undefined,
  shown: string,
): Descriptor {
  // Attestations stand beside images as platform "unknown".
  const images = entries.filter(({ platform }) => platform?.architecture !== "unknown");
  const wanted = arch === undefined ? undefined : GO_ARCH[arch];
  const fits = images.filter(
    ({ platform }) => platform?.architecture === wanted && (platform?.os ?? "linux") === "linux",
  );
  const [chosen] = fits;
  if (chosen !== undefined && wanted !== undefined) return chosen;
  const [only, ...others] = images;
  if (only !== undefined && others.length === 0 && (wanted === undefined || !only.platform)) return only;
  const offered = images.map(({ platform }) => platform?.architecture ?? "any").join(", ");
  throw new ImageError(`${shown} has nothing for ${wanted ?? "an unnamed architecture"}`, {
    code: "image-not-found",
    retryable: false,
    hint: `It has: ${offered || "nothing"}.`,
  });
}

/**
 * The layer that is wanted, and whether a member of it is still to be taken out: a name is that of a layer, else that of
 * a file within the only layer.
 *
 * @throws ImageError `image-member-not-found` that says what there is
 */
export function chooseLayer(
  layers: Descriptor[],
  member: string | undefined,
  shown: string,
): { layer: Descriptor; member: string | undefined } {
  const titled = layers.filter(({ annotations: notes }) => notes?.[TITLE] === member);
  if (member !== undefined && titled[0] !== undefined) return { layer: titled[0], member: undefined };
  const [only, ...others] = layers;
  if (only !== undefined && others.length === 0) return { layer: only, member };
  const titles = layers.flatMap(({ annotations: notes }) => notes?.[TITLE] ?? []);
  const what = member === undefined ? "is made of several files" : `has no file named ${member}`;
  throw new ImageError(layers.length === 0 ? `${shown} is empty` : `${shown} ${what}`, {
    code: "image-member-not-found",
    retryable: false,
    hint:
      titles.length === 0
        ? `Push the image's files again, each with a name (${TITLE}).`
        : `Name one as member: ${titles.join(", ")}.`,
  });
}

/** How a layer's bytes are packed, which only its type tells: an initial ramdisk is a gzip file by itself. */
export function unpackOf({ mediaType }: Descriptor): Unpack | null {
  const [, packing] = /(?:\+|\.tar\.)(gzip|zstd)$/.exec(mediaType) ?? [];
  return (packing as Unpack | undefined) ?? null;
}
