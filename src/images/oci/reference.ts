import { ImageError } from "../errors.ts";

/** What an `oci://host[:port]/repository[:tag][@digest]` URL names. */
export interface Reference {
  /** With its port where one was given. */
  host: string;
  repository: string;
  /** Null where only a digest was given. */
  tag: string | null;
  /** Of the manifest or index. */
  digest: string | null;
}

/** The grammars of the OCI distribution specification 1.1, "Pulling manifests", and the image specification, "Digests". */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
export const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** @throws ImageError `image-not-allowed` */
export function parseReference(text: string): Reference {
  const [, host = "", path = ""] = /^oci:\/\/([^/?#]+)\/([^?#]+)$/i.exec(text) ?? [];
  const [named = "", digest = null, ...rest] = path.split("@");
  const [, repository = "", , tag = null] = /^([^:]*)(:(.*))?$/.exec(named) ?? [];
  const isRight =
    rest.length === 0 &&
    URL.canParse(`https://${host}/`) &&
    REPOSITORY.test(repository) &&
    (tag === null || TAG.test(tag)) &&
    (digest === null || DIGEST.test(digest));
  if (isRight) return { host, repository, digest, tag: tag ?? (digest === null ? "latest" : null) };
  throw new ImageError("The image's URL names nothing in a registry", {
    code: "image-not-allowed",
    retryable: false,
    hint: "Write oci://host[:port]/repository[:tag][@sha256:…], in small letters but for the tag.",
  });
}

export function showReference({ host, repository, tag, digest }: Reference): string {
  return `oci://${host}/${repository}${tag === null ? "" : `:${tag}`}${digest === null ? "" : `@${digest}`}`;
}
