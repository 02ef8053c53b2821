import type * as z from "zod";
import { type ApiCode, type FieldError, Problem } from "./problem.ts";

type Part = "body" | "query";

/** Gives what the schema makes of the value, or a Problem that names every field at fault. */
export function check<T extends z.ZodType>(schema: T, value: unknown, part: Part): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => explain(issue));
  const code = part === "query" ? "invalid-query" : codeOf(result.error.issues);
  throw new Problem(code, summarise(errors, part), { errors });
}

/** The narrowest code that fits all issues. */
function codeOf(issues: z.core.$ZodIssue[]): ApiCode {
  if (issues.every((issue) => issue.code === "unrecognized_keys")) return "unknown-field";
  return "invalid-field";
}

function explain(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: "is not a known field" }));
  }
  if (issue.code === "invalid_key") {
    return [{ path: pathOf(issue.path), message: `as a name ${issue.issues[0]?.message ?? "is not valid"}` }];
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const closest = issue.errors.toSorted((one, other) => misfit(one) - misfit(other))[0]!;
    return closest.flatMap((inner) => explain({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [{ path: pathOf(issue.path), message: issue.message }];
}

/** How far a value is from one shape of several: most if it is of another type, then by fields that do not fit. */
function misfit(issues: z.core.$ZodIssue[]): number {
  const weights = issues.map(({ path, code }) => {
    if (path.length === 0 && code !== "unrecognized_keys") return 10_000;
    return path.length <= 1 ? 100 : 1;
  });
  return weights.reduce((sum, weight) => sum + weight, 0);
}

function pathOf(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return text.startsWith(".") ? text.slice(1) : text;
}

function summarise(errors: FieldError[], part: Part): string {
  const first = errors[0]!;
  const where = first.path === "" ? `the ${part}` : first.path;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return `${where}: ${first.message}${more}.`;
}
