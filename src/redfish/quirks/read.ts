import { parse } from "yaml";
import { z } from "zod";
import type { Quirk } from "./quirk.ts";

const pattern = z.string().refine(isPattern, { error: "must be a regular expression" });
const statuses = z.array(z.number().int().min(400).max(599));
const NOT_EMPTY = { error: "must say something" };
const isFilled = (value: object) => Object.keys(value).length > 0;

const match = z.strictObject({
  vendor: pattern.exactOptional(),
  product: pattern.exactOptional(),
  oem: pattern.exactOptional(),
  manager: pattern.exactOptional(),
  firmware: z
    .strictObject({ from: z.string().exactOptional(), below: z.string().exactOptional() })
    .refine(isFilled, NOT_EMPTY)
    .exactOptional(),
  slot: pattern.exactOptional(),
});

const differs = z.strictObject({
  slotsFirst: pattern.exactOptional(),
  slotsNever: pattern.exactOptional(),
  discTargets: z.array(z.string()).exactOptional(),
  wantsWholeBoot: z.boolean().exactOptional(),
  wantsTaggedBoot: z.boolean().exactOptional(),
  insertsWith: z
    .array(z.enum(["TransferProtocolType", "TransferMethod", "UserName", "Password"]))
    .exactOptional(),
  bootsByMaker: z.boolean().exactOptional(),
  readsWithinMs: z.number().int().min(1).max(600_000).exactOptional(),
  discSchemes: z
    .array(z.enum(["http", "https"]))
    .min(1)
    .exactOptional(),
  busyMessages: z.array(z.string().regex(/^\w+$/)).min(1).exactOptional(),
  insertRefusals: statuses.exactOptional(),
});

const rows = z.array(
  z.strictObject({
    name: z.string().regex(/^[a-z0-9-]+$/, { error: "must be of the characters a-z 0-9 -" }),
    match: match.refine(isFilled, NOT_EMPTY),
    differs: differs.refine(isFilled, NOT_EMPTY),
    why: z.string().min(1, NOT_EMPTY),
    seen: z.string().min(1, NOT_EMPTY),
  }),
);

/**
 * Reads rows that somebody has written beside Trayload's own, a list in YAML or JSON.
 *
 * @throws Error that says which row is wrong and how
 */
export function readQuirks(text: string): Quirk[] {
  const parsed = rows.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new Error(
    `row ${Number(path[0] ?? 0) + 1}${path
      .slice(1)
      .map((name) => `.${String(name)}`)
      .join("")}: ${message}`,
  );
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "i") instanceof RegExp;
  } catch {
    return false;
  }
}
