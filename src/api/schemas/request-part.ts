import * as z from "zod";
import { networkDataSchema } from "../../images/index.ts";
import { imageFields } from "./image.ts";

const inside = { contentBase64: z.base64().meta({ writeOnly: true }) };
const ahead = {
  blob: z
    .string()
    .regex(/^blob_[0-9A-Z]{26}$/, "must be what POST /v1/blobs gave")
    .meta({ description: "Bytes that were sent ahead to POST /v1/blobs" }),
};
const atUrl = { url: imageFields.url, checksum: imageFields.checksum };

const references = [z.strictObject(inside), z.strictObject(ahead), z.strictObject(atUrl)] as const;
const MARKS = ["contentBase64", "blob", "url"];

const where = {
  path: z.string().regex(/^\/./, "must begin with /").max(255),
  inRamdisk: z
    .boolean()
    .exactOptional()
    .meta({ description: "Unpacked over the ramdisk rather than on the disc; not with boot.iso" }),
};

/** A file of the node's own. */
export const file = z.union([
  z.strictObject({ ...where, ...inside }),
  z.strictObject({ ...where, ...ahead }),
  z.strictObject({ ...where, ...atUrl }),
]);

const json = z
  .record(z.string(), z.unknown())
  .refine((value) => !MARKS.some((mark) => mark in value), "has fields that do not go together");

const document = z.union([z.string().max(16 * 1024 * 1024), ...references, json]);
const WAYS = "as text or JSON, or {contentBase64}, {blob}, {url, checksum}";

/** Documents for what a node boots. */
export const documents = {
  userData: document
    .nullable()
    .exactOptional()
    .meta({
      description: `Kickstart, preseed, AutoYaST, Agama, Ignition or cloud-init's user data, ${WAYS}`,
      writeOnly: true,
    }),
  metaData: document
    .nullable()
    .exactOptional()
    .meta({ description: `Of cloud-init, ${WAYS}`, writeOnly: true }),
  vendorData: document
    .nullable()
    .exactOptional()
    .meta({ description: `Of cloud-init, ${WAYS}`, writeOnly: true }),
  networkData: z
    .union([networkDataSchema, ...references])
    .nullable()
    .exactOptional()
    .meta({
      description: "The node's unless given; null: none. OpenStack's network_data.json, or where it is",
      writeOnly: true,
    }),
};

const shownPart = z.union([
  z.object({ sizeBytes: z.int() }),
  z.object({ blob: z.string() }),
  z.object({ url: z.string(), checksum: z.string().nullable() }),
]);
const shownDocument = shownPart
  .nullable()
  .optional()
  .meta({ description: "How large it is, or where its bytes are" });

export const shownDocuments = {
  userData: shownDocument,
  metaData: shownDocument,
  vendorData: shownDocument,
  networkData: shownDocument,
};

export const shownFile = z.intersection(
  z.object({ path: z.string(), inRamdisk: z.boolean().optional() }),
  shownPart,
);
