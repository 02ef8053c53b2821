import * as z from "zod";

export const time = z.iso.datetime().meta({ description: "RFC 3339, UTC" });

const KEY = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;

export const labels = z
  .record(
    z.string().regex(KEY, "must be 1 to 63 letters, digits, dots, dashes, underscores or slashes"),
    z.string().max(255),
  )
  .refine((map) => Object.keys(map).length <= 64, "has more than 64 entries")
  .meta({
    description: "Names and values of the caller's own; lists can be narrowed by them.",
    example: { role: "worker" },
  });

/** A whole number of a query. */
export function count(min: number, max: number): z.ZodCoercedNumber {
  return z.coerce.number().int().min(min).max(max) as z.ZodCoercedNumber;
}

/** `waitMs` of every answer that can be held. */
export const waitMs = count(0, 60_000)
  .exactOptional()
  .meta({ description: "Hold the answer for up to this many milliseconds." });

export const limit = count(1, 500).default(100).meta({ description: "Items per page" });

export const cursor = z
  .string()
  .max(512)
  .exactOptional()
  .meta({ description: "`nextCursor` of the page before" });

/** One or several values of a query parameter: repeated, or separated by commas. */
export function several<T extends z.ZodType<string>>(item: T) {
  const split = (value: unknown) =>
    (Array.isArray(value) ? value : [value]).flatMap((text) =>
      typeof text === "string" ? text.split(",") : [text],
    );
  return z.preprocess(split, z.array(item)).exactOptional();
}

/** Labels that must all be there: `k:v`, repeated for several. */
export const labelFilter = z
  .preprocess(
    (value) => (Array.isArray(value) ? value : [value]),
    z.array(z.string().regex(/^[^:]+:/, "must be name:value")),
  )
  .transform((pairs) => Object.fromEntries(pairs.map((pair) => splitPair(pair))))
  .exactOptional()
  .meta({ description: "`name:value`; repeat it for several, all must fit" });

function splitPair(pair: string): [string, string] {
  const colon = pair.indexOf(":");
  return [pair.slice(0, colon), pair.slice(colon + 1)];
}

type ExactPartial<T extends z.core.$ZodLooseShape> = {
  [K in keyof T]: T[K] extends z.ZodType ? z.ZodExactOptional<T[K]> : never;
};

/** The same fields, each of which may be absent but not undefined. */
export function exactPartial<T extends Record<string, z.ZodType>>(shape: T): ExactPartial<T> {
  const entries = Object.entries(shape).map(([name, field]) => [name, field.exactOptional()]);
  return Object.fromEntries(entries) as ExactPartial<T>;
}

/** A page of a list, newest or lowest first as the list says. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: "For the next page; null on the last" }),
  });
}
