import type { Role } from "../access/roles.ts";

/** Who has a claim gets a role. The first rule that fits decides. */
export interface RoleRule {
  /** Name of a claim of the ID token; dots lead into objects: `realm_access.roles`. */
  claim: string;
  /** What the claim is, or has among its values. */
  value: string;
  role: Role;
  /** Labels that a node must carry to be seen; none for all nodes. */
  scope: Readonly<Record<string, string>>;
}

/** A provider of log-ins, as OpenID Connect Core 1.0 has them. */
export interface OidcSettings {
  /** As the provider's own tokens name it. */
  issuer: string;
  clientId: string;
  /** Undefined for a public client, which PKCE alone protects. A secret. */
  clientSecret: string | undefined;
  /** Where the provider sends browsers back to; registered there. */
  redirectUrl: string;
  scopes: readonly string[];
  /** What the button of the log-in page names. */
  label: string;
  /** The claim that says who it is; undefined for the first of the usual ones. */
  nameClaim: string | undefined;
  rules: readonly RoleRule[];
  /** PEM of the authority behind the provider's certificate; undefined for those of the system. */
  ca: string | undefined;
}
