import * as z from "zod";
import { several } from "./schemas/plain.ts";

/** The query parameter by which a list shows some fields of its things alone. */
export function fieldsOf({ shape }: z.ZodObject) {
  return several(z.enum(Object.keys(shape) as [string, ...string[]])).meta({
    description: "Only these fields, separated by commas; `id` is always there",
  });
}

/** @param fields undefined for all */
export function pick<T extends { id: string }>(
  shown: T,
  fields: readonly string[] | undefined,
): Partial<T> & { id: string } {
  if (fields === undefined) return shown;
  const kept = Object.entries(shown).filter(([name]) => name === "id" || fields.includes(name));
  return Object.fromEntries(kept) as Partial<T> & { id: string };
}
