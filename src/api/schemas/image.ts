import * as z from "zod";
import { time } from "./plain.ts";

const auth = z
  .union([
    z.strictObject({ username: z.string().min(1).max(255), password: z.string().min(1).max(1024) }),
    z.strictObject({ bearer: z.string().min(1).max(8192) }),
  ])
  .meta({ description: "Sent to the image's own origin only; write-only", writeOnly: true });

const tls = z.strictObject({
  ca: z.string().min(1).max(65_536).exactOptional().meta({ description: "PEM, beside the system's" }),
  fingerprint: z
    .string()
    .regex(/^(?:sha256:)?[0-9a-fA-F]{64}$/, "must be sha256: and 64 hex digits")
    .exactOptional(),
});

/** What names an image, wherever one is named. */
export const imageFields = {
  url: z.string().min(1).max(2048).meta({
    description: "http://, https://, file://, or oci://host/repository[:tag][@digest]",
    example: "https://images.example/installer.iso",
  }),
  checksum: z.string().min(1).max(2048).exactOptional().meta({
    description: "`algo:hex`, bare hex, or the URL of a checksum file",
  }),
  member: z.string().min(1).max(1024).exactOptional().meta({
    description: "One file of a tar archive, or of an artefact of several files",
  }),
  auth: auth.exactOptional(),
  tls: tls.exactOptional().meta({ description: "How the certificate of the image's own origin is judged" }),
};

/** `POST /v1/images`. */
export const imageInput = z
  .strictObject({
    ...imageFields,
    arch: z.enum(["x86_64", "aarch64"]).exactOptional().meta({
      description: "Chooses from an artefact for several machines",
    }),
  })
  .meta({ id: "ImageInput" });

const underWay = z.object({
  source: z.string(),
  bytesRead: z.int(),
  sizeBytes: z.int().nullable(),
  holders: z.array(z.string()),
});

export const shownStock = z
  .object({
    items: z.array(
      z.object({
        digest: z.string(),
        source: z.string().nullable().meta({
          description:
            "Where it came from last; null for what came with a request, and for what nobody remembers",
        }),
        sizeBytes: z.int(),
        usedAt: time,
        holders: z.array(z.string()).meta({ description: "Who keeps it from being removed" }),
      }),
    ),
    underWay: z.array(underWay).meta({ description: "What this server fetches or waits for" }),
    usedBytes: z.int(),
    capBytes: z.int(),
  })
  .meta({ id: "ImageStock", description: "The store of the server that answers, the last used first" });

export const shownFetch = z
  .object({
    state: z.enum(["fetching", "ready"]),
    digest: z.string().nullable(),
    sizeBytes: z.int().nullable(),
    bytesRead: z.int().nullable(),
  })
  .meta({ id: "ImageFetch" });

export const shownVerdict = z.object({
  digest: z.string(),
  sound: z
    .boolean()
    .meta({ description: "When false, the copy is gone and is fetched again where it is needed" }),
});
