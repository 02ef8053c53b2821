import * as z from "zod";

/** Marks an issue whose field is of the contract, but of a later release. */
export const NOT_SUPPORTED_YET = "not-supported-yet";

/**
 * A field that the contract names and this release cannot honour: refused by name, rather than ignored or called
 * unknown. Null, and the values that ask for nothing, are let through.
 */
function later(harmless: readonly string[] = []): z.ZodExactOptional<z.ZodUnknown> {
  const asksNothing = (value: unknown) => value === null || harmless.includes(JSON.stringify(value));
  return z
    .unknown()
    .refine(asksNothing, {
      message: "is not supported yet by this release",
      params: { code: NOT_SUPPORTED_YET },
    })
    .exactOptional()
    .meta({ description: "Not supported yet; only what asks for nothing is accepted." });
}

export const LATER_IMAGE = { format: later() };

/** Leaves out the fields that only could be harmless. */
export function without<T extends object, L extends object>(value: T, fields: L): Omit<T, keyof L> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !(name in fields))) as Omit<T, keyof L>;
}
