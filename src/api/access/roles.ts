/** What a token is for. An auditor sees what a viewer sees, and who did what. */
export const ROLES = ["viewer", "operator", "admin", "auditor"] as const;
export type Role = (typeof ROLES)[number];

/** Roles whose tokens may be bound to the nodes with certain labels; the others are for the whole of it. */
export const SCOPED_ROLES: readonly Role[] = ["viewer", "operator"];

/**
 * How a token that is bound to some nodes is kept to them: the path names a `node`, or the `record` of one; the route looks
 * at the caller's scope by itself (`inside`); or what it shows belongs to no node (`none`).
 */
export type ScopeRule = "node" | "record" | "inside" | "none";

export interface Right {
  roles: readonly Role[];
  scope: ScopeRule;
}

const all = (scope: ScopeRule): Right => ({ roles: ROLES, scope });
const operators = (scope: ScopeRule): Right => ({ roles: ["operator", "admin"], scope });
const ADMINS: Right = { roles: ["admin"], scope: "none" };
const AUDITORS: Right = { roles: ["auditor", "admin"], scope: "none" };

/**
 * Who may do what: every route that needs a log-in, by method and path. One that is missing here is not mounted, so that
 * nothing is let through for having been forgotten.
 */
export const RIGHTS: Readonly<Record<string, Right>> = {
  "GET /v1/nodes": all("inside"),
  "POST /v1/nodes": ADMINS,
  "GET /v1/nodes/{id}": all("node"),
  "PATCH /v1/nodes/{id}": ADMINS,
  "DELETE /v1/nodes/{id}": ADMINS,
  "POST /v1/nodes/{id}/power": operators("node"),
  "POST /v1/nodes/{id}/media/eject": operators("node"),
  "POST /v1/nodes/{id}/preflight": operators("node"),
  "POST /v1/nodes/{id}/breaker/reset": operators("node"),
  "POST /v1/nodes/{id}/bmc/reset": operators("node"),
  "GET /v1/nodes/{id}/inventory": all("node"),
  "GET /v1/operations/{id}": all("record"),
  "GET /v1/operations/{id}/events": all("record"),
  "GET /v1/deployments": all("inside"),
  "POST /v1/deployments": operators("inside"),
  "GET /v1/deployments/{id}": all("record"),
  "POST /v1/deployments/{id}/cancel": operators("record"),
  "POST /v1/deployments/{id}/retry": operators("record"),
  "GET /v1/deployments/{id}/events": all("record"),
  // It may hold what the system's files do.
  "GET /v1/deployments/{id}/dossier": operators("record"),
  "GET /v1/deployments/{id}/agent-log": operators("record"),
  "GET /v1/campaigns": all("inside"),
  "POST /v1/campaigns": operators("inside"),
  "GET /v1/campaigns/{id}": all("inside"),
  "GET /v1/campaigns/{id}/nodes": all("inside"),
  "GET /v1/campaigns/{id}/events": all("inside"),
  "POST /v1/campaigns/{id}/pause": operators("inside"),
  "POST /v1/campaigns/{id}/resume": operators("inside"),
  "POST /v1/campaigns/{id}/cancel": operators("inside"),
  "POST /v1/campaigns/{id}/retry": operators("inside"),
  "GET /v1/events": all("inside"),
  "POST /v1/session": all("none"),
  "DELETE /v1/session": all("none"),
  "GET /v1/images": all("none"),
  "POST /v1/images": operators("none"),
  "POST /v1/images/{digest}/verify": operators("none"),
  "DELETE /v1/images/{digest}": operators("none"),
  "POST /v1/blobs": operators("none"),
  "GET /v1/settings/agent-images": all("none"),
  "PUT /v1/settings/agent-images": ADMINS,
  "GET /v1/tokens": ADMINS,
  "POST /v1/tokens": ADMINS,
  "DELETE /v1/tokens/{id}": ADMINS,
  "GET /v1/webhooks": ADMINS,
  "POST /v1/webhooks": ADMINS,
  "GET /v1/webhooks/{id}": ADMINS,
  "DELETE /v1/webhooks/{id}": ADMINS,
  "POST /v1/webhooks/{id}/test": ADMINS,
  "GET /v1/webhooks/{id}/deliveries": ADMINS,
  "POST /v1/webhooks/{id}/replay": ADMINS,
  "GET /v1/upkeep": ADMINS,
  "GET /v1/audit": AUDITORS,
  "GET /v1/audit/export": AUDITORS,
  "GET /v1/queue": all("none"),
  "GET /metrics": all("none"),
  "GET /openapi.json": all("none"),
  "GET /docs": all("none"),
};

export function nameOf({ method, path }: { method: string; path: string }): string {
  return `${method.toUpperCase()} ${path}`;
}

/** @throws Error for a route that the table has not: a fault of the program, found when it starts */
export function rightTo(route: { method: string; path: string }): Right {
  const right = RIGHTS[nameOf(route)];
  if (right === undefined) throw new Error(`${nameOf(route)} is missing in the table of rights`);
  return right;
}

/** Every route of the table that a role may use. */
export function allowedTo(role: Role): string[] {
  return Object.keys(RIGHTS).filter((name) => RIGHTS[name]!.roles.includes(role));
}
