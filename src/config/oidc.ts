import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { Problem } from "./errors.ts";
import { certificates, fileText, isLoopback, list, path } from "./values.ts";

/** People who log in by an OpenID Connect provider, and what they may do. */
export interface OidcConfig {
  issuer: string;
  clientId: string;
  /** A secret. */
  clientSecret: string | undefined;
  redirectUrl: string;
  scopes: readonly string[];
  label: string;
  nameClaim: string | undefined;
  rules: readonly z.output<typeof rule>[];
  ca: string | undefined;
}

const rule = z
  .strictObject({
    claim: z.string().min(1),
    value: z.string().min(1),
    role: z.enum(["viewer", "operator", "admin", "auditor"]),
    scope: z.record(z.string().min(1), z.string()).default({}),
  })
  .refine(({ role, scope }) => Object.keys(scope).length === 0 || ["viewer", "operator"].includes(role), {
    error: "has a scope, which goes with viewer and operator alone",
  });

const rulesFile = path.transform((file, context) => {
  const parsed = z.array(rule).min(1).safeParse(readYaml(file));
  if (parsed.success) return parsed.data;
  const { path: at, message } = parsed.error.issues[0]!;
  context.addIssue(
    `names ${file}, which must be a list such as "- {claim: groups, value: operators, role: operator}"` +
      ` (${[...at, message].join(" ")})`,
  );
  return z.NEVER;
});

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Passwords and codes travel to it, so that only this machine's own may do without TLS. */
const safeUrl = z.string().refine(
  (text) => {
    const url = URL.parse(text);
    if (url === null || url.search !== "" || url.hash !== "" || url.username !== "") return false;
    return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  },
  { error: "must be an https:// URL without user, query and fragment" },
);

export const OIDC_SETTINGS = {
  API_PUBLIC_URL: safeUrl.transform((text) => text.replace(/\/+$/, "")).optional(),
  OIDC_ISSUER: safeUrl.optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET_FILE: fileText.optional(),
  OIDC_SCOPES: list.default(["openid", "profile", "email"]),
  OIDC_LABEL: z.string().min(1).max(60).optional(),
  OIDC_NAME_CLAIM: z.string().min(1).optional(),
  OIDC_RULES_FILE: rulesFile.optional(),
  OIDC_CA_FILE: certificates.optional(),
} as const;

type Values = { [Name in keyof typeof OIDC_SETTINGS]: z.output<(typeof OIDC_SETTINGS)[Name]> };

/** What a provider needs beside its issuer. */
const NEEDED = ["OIDC_CLIENT_ID", "OIDC_RULES_FILE", "API_PUBLIC_URL"] as const;

/** Rules between these settings. */
export function checkOidc(values: Values, problems: Problem[]): void {
  const given = (Object.keys(OIDC_SETTINGS) as (keyof Values)[]).filter(
    (name) => name.startsWith("OIDC_") && name !== "OIDC_SCOPES" && values[name] !== undefined,
  );
  if (values.OIDC_ISSUER === undefined && given.length > 0)
    problems.push({ setting: `TRAYLOAD_${given[0]}`, message: "needs TRAYLOAD_OIDC_ISSUER" });
  if (values.OIDC_ISSUER === undefined) return;
  for (const name of NEEDED)
    if (values[name] === undefined)
      problems.push({ setting: "TRAYLOAD_OIDC_ISSUER", message: `needs TRAYLOAD_${name}` });
  if (!values.OIDC_SCOPES.includes("openid"))
    problems.push({ setting: "TRAYLOAD_OIDC_SCOPES", message: "must have openid among them" });
}

/** @returns undefined where no provider is given */
export function arrangeOidc(values: Values): OidcConfig | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_RULES_FILE: rules } = values;
  if (issuer === undefined || clientId === undefined || rules === undefined) return undefined;
  return {
    issuer,
    clientId,
    clientSecret: values.OIDC_CLIENT_SECRET_FILE,
    redirectUrl: `${values.API_PUBLIC_URL}/v1/session/oidc/callback`,
    scopes: values.OIDC_SCOPES,
    label: values.OIDC_LABEL ?? new URL(issuer).hostname,
    nameClaim: values.OIDC_NAME_CLAIM,
    rules,
    ca: values.OIDC_CA_FILE,
  };
}
