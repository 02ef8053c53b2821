/** What stands in place of a secret. */
const MASK = "******";
const SECRET_NAME =
  /pass(word|phrase|wd)?|secret|token|credential|private|auth|api_?key|pull_?secret|user_?data/i;

/** The same arguments with everything masked whose name says that it is secret. */
export function masked(args: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, SECRET_NAME.test(name) ? MASK : maskedValue(value)]),
  );
}

function maskedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskedValue);
  if (typeof value === "object" && value !== null) return masked(value as Record<string, unknown>);
  return value;
}
