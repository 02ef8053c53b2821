import type { PartInput } from "../deploy/index.ts";

/** What a document may be written as: its text, JSON, or where its bytes are. */
export type Written = string | Record<string, unknown>;

/** A document as bytes, or as where they are. */
export function partOf(written: Written): PartInput {
  if (typeof written === "string") return { contentBase64: Buffer.from(written).toString("base64") };
  // The schema has seen to it that nothing else has such a field.
  if ("contentBase64" in written || "blob" in written || "url" in written) return written as PartInput;
  return partOf(JSON.stringify(written));
}

/** Documents of a request, of which null asks for nothing. */
export function documentsOf<Name extends string>(
  fields: { [name in Name]: Written | null | undefined },
): Partial<Record<Name, PartInput | null>> {
  const given = Object.entries(fields) as [Name, Written | null | undefined][];
  const parts = given.flatMap(([name, written]) =>
    written === undefined ? [] : [[name, written === null ? null : partOf(written)] as const],
  );
  return Object.fromEntries(parts) as Partial<Record<Name, PartInput | null>>;
}
