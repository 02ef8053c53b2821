import * as z from "zod";
import { ROLES, SCOPED_ROLES } from "../access/roles.ts";
import { labels, time } from "./plain.ts";

const name = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    "must be 1 to 63 letters, digits, dots or dashes",
  )
  .meta({ description: "Shown wherever it is told who did something", example: "pipeline-ams1" });
const role = z.enum(ROLES).meta({
  description:
    "`viewer` reads; `operator` deploys, switches and ejects besides; `admin` changes nodes and tokens besides; `auditor` reads, the audit too",
});
const scope = labels.meta({
  description: "Labels that a node must carry for the token to see it; none for all nodes",
});

export const tokenInput = z
  .strictObject({
    name,
    role,
    scope: scope.default({}),
    expiresAt: time.nullable().default(null).meta({ description: "When it ends; null for never" }),
  })
  .refine((token) => Object.keys(token.scope).length === 0 || SCOPED_ROLES.includes(token.role), {
    path: ["scope"],
    message: `goes with the roles ${SCOPED_ROLES.join(" and ")} alone`,
  })
  .meta({ id: "TokenInput" });

const FIELDS = {
  id: z.string(),
  name,
  role,
  scope,
  createdAt: time,
  createdBy: z.string().meta({ description: "Name of the token that made it" }),
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable().meta({ description: "To the minute" }),
};

export const shownToken = z.object(FIELDS).meta({ id: "Token", description: "Without the token itself" });

export const createdToken = z
  .object({ ...FIELDS, token: z.string().meta({ description: "The token itself, told this once" }) })
  .meta({ id: "CreatedToken" });
