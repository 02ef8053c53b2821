import type { Profile } from "./profile.ts";
import { profileNamed } from "./profiles.ts";

/** Some fields of a profile, at any depth; lists are given whole. */
export type ProfileChanges = Changes<Profile>;

type Changes<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: Changes<T[K]> }
    : T;

/**
 * A profile that differs from a known one in some fields, for the one odd BMC that a test is about.
 *
 * @throws RangeError for a name that does not exist
 * @example
 * variantOf("generic", { media: { insertBy: "patch" }, powerLagMs: 300 })
 */
export function variantOf(known: Profile | string, changes: ProfileChanges): Profile {
  return merge(typeof known === "string" ? profileNamed(known) : known, changes) as Profile;
}

function merge(old: unknown, changes: unknown): unknown {
  if (!isRecord(old) || !isRecord(changes)) return changes;
  const changed = Object.entries(changes).map(([name, value]) => [name, merge(old[name], value)]);
  return { ...old, ...Object.fromEntries(changed) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
