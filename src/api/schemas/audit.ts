import * as z from "zod";
import { ROLES } from "../access/roles.ts";
import { time } from "./plain.ts";

const HASH = z.string().regex(/^[0-9a-f]{64}$/);

export const shownAudit = z
  .object({
    seq: z.int().meta({ description: "From 1, without gaps" }),
    at: time,
    who: z
      .object({ tokenId: z.string(), name: z.string(), role: z.enum(ROLES) })
      .nullable()
      .meta({
        description: "Null for a token that was not valid, and for a call below an agent's secret path",
      }),
    from: z.string().meta({
      description: "Address of who asked; of the proxy where TRAYLOAD_API_PROXIES does not name it",
    }),
    action: z.string().meta({ example: "PATCH /v1/nodes/{id}" }),
    target: z.string().meta({ example: "/v1/nodes/rack1-u07" }),
    outcome: z.enum(["done", "refused"]),
    status: z.int(),
    code: z.string().nullable().meta({ description: "Of the refusal" }),
    requestId: z.string(),
    before: z.unknown().meta({ description: "What was there; never a secret" }),
    after: z.unknown(),
    previous: HASH.meta({ description: "Hash of the entry before; zeros for the first" }),
    hash: HASH.meta({
      description:
        "SHA-256 of this entry's JSON without `hash`, with the keys of every object in order and without spaces",
    }),
  })
  .meta({ id: "AuditEntry" });
