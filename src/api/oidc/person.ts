import { createHash } from "node:crypto";
import type { Role } from "../access/roles.ts";
import { Problem } from "../problem.ts";
import type { OidcSettings, RoleRule } from "./settings.ts";

/** Somebody whom the provider knows, and what they may do here. */
export interface Person {
  /** The same at every log-in, whatever they are called. */
  id: string;
  /** `oidc:` and how they are called; no token that was made here can have such a name. */
  name: string;
  role: Role;
  scope: Readonly<Record<string, string>>;
}

/** What an ID token says; `sub` is always there. */
export type Claims = Readonly<Record<string, unknown>> & { sub: string };

const NAME_CLAIMS = ["preferred_username", "email", "sub"];
const LONGEST_NAME = 100;

/** @throws Problem `log-in-refused` when no rule gives a role */
export function personOf(
  { issuer, nameClaim, rules }: Pick<OidcSettings, "issuer" | "nameClaim" | "rules">,
  claims: Claims,
): Person {
  const called = nameOf(claims, nameClaim === undefined ? NAME_CLAIMS : [nameClaim, "sub"]);
  const rule = rules.find((one) => fits(one, claims));
  if (rule === undefined)
    throw new Problem(
      "log-in-refused",
      `${called} is known to the provider, and no rule gives a role here.`,
      {
        hint: "The rules stand in the file that TRAYLOAD_OIDC_RULES_FILE names.",
      },
    );
  const digest = createHash("sha256").update(`${issuer}\n${claims.sub}`).digest("hex");
  return { id: `oidc_${digest.slice(0, 32)}`, name: `oidc:${called}`, role: rule.role, scope: rule.scope };
}

function nameOf(claims: Claims, names: readonly string[]): string {
  const found = names.map((name) => claims[name]).find((value) => typeof value === "string" && value !== "");
  // It is shown to people and in terminals.
  return String(found)
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "")
    .slice(0, LONGEST_NAME);
}

function fits({ claim, value }: RoleRule, claims: Claims): boolean {
  const found = Object.hasOwn(claims, claim) ? claims[claim] : follow(claims, claim.split("."));
  const values: unknown[] = Array.isArray(found) ? found : [found];
  return values.some((one) => ["string", "number", "boolean"].includes(typeof one) && String(one) === value);
}

function follow(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const isObject = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return isObject ? follow((value as Record<string, unknown>)[name], rest) : undefined;
}
