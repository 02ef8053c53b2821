import { REQUEST_BLOB_BYTES } from "../../deploy/index.ts";
import type { RouteParts } from "../parts.ts";
import { Problem } from "../problem.ts";
import { defineRoute, type Route } from "../route.ts";
import { shownBlob } from "../schemas/blob.ts";
import { problems } from "./problems.ts";

/** Bytes sent ahead of the requests that name them. */
export function createBlobRoutes({ blobs }: Pick<RouteParts, "blobs">): Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/v1/blobs",
      tag: "Blobs",
      summary: "Send a part of a later request ahead",
      description: "The body is the bytes themselves, up to 64 MiB. Encrypted at rest, and gone after a day.",
      bodyLimit: REQUEST_BLOB_BYTES,
      isBinary: true,
      responses: { 201: { description: "What to name it by", schema: shownBlob }, ...problems(413) },
      run: async ({ request, note }) => {
        const bytes: unknown = request.body;
        if (!Buffer.isBuffer(bytes) || bytes.length === 0)
          throw new Problem("invalid-field", "The body is empty.", {
            hint: "Send the bytes themselves as the body.",
          });
        const { id: blob, ...facts } = await blobs.add(bytes);
        note({ after: { blob, ...facts } });
        return { status: 201, body: { blob, ...facts } };
      },
    }),
  ];
}
