import * as z from "zod";
import { time } from "./plain.ts";

export const shownBlob = z
  .object({
    blob: z.string().meta({ description: "Stands in requests as {blob}", example: "blob_01JD…" }),
    digest: z.string().meta({ description: "sha256:… of what came" }),
    sizeBytes: z.int(),
    expiresAt: time,
  })
  .meta({ id: "Blob" });
