import * as z from "zod";
import type { Tokens } from "../access/tokens.ts";
import type { StoredToken } from "../ports.ts";
import { Problem } from "../problem.ts";
import { defineRoute, type Route } from "../route.ts";
import { createdToken, shownToken, tokenInput } from "../schemas/token.ts";
import { BODY_PROBLEMS, problems } from "./problems.ts";

interface Parts {
  tokens: Pick<Tokens, "create" | "list" | "revoke">;
  clock: () => number;
}

export function createTokenRoutes(parts: Parts): Route[] {
  return [list(parts), create(parts), revoke(parts)];
}

const list = ({ tokens }: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/tokens",
    tag: "Tokens",
    summary: "List tokens that are not revoked, by name",
    responses: {
      200: { description: "Tokens, without themselves", schema: z.object({ items: z.array(shownToken) }) },
    },
    run: async () => ({ status: 200, body: { items: (await tokens.list()).map(present) } }),
  });

const create = ({ tokens, clock }: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/tokens",
    tag: "Tokens",
    summary: "Make a token",
    // An answer that is kept to be given again would keep the token.
    description:
      "The answer alone holds the token itself; only its hash is kept. Takes no `Idempotency-Key`.",
    body: tokenInput,
    responses: {
      201: { description: "The token", schema: createdToken, headers: ["Location"] },
      ...BODY_PROBLEMS,
      ...problems(409),
    },
    run: async ({ body: { expiresAt, ...wanted }, caller, note }) => {
      const expiresAtMs = expiresAt === null ? null : Date.parse(expiresAt);
      if (expiresAtMs !== null && expiresAtMs <= clock()) {
        const errors = [{ path: "expiresAt", message: "has passed" }];
        throw new Problem("invalid-field", "expiresAt: has passed.", { errors });
      }
      const { secret, token } = await tokens.create({ ...wanted, expiresAtMs }, caller.name);
      note({ after: present(token) });
      const headers = { location: `/v1/tokens/${token.id}` };
      return { status: 201, body: { ...present(token), token: secret }, headers };
    },
  });

const revoke = ({ tokens }: Parts) =>
  defineRoute({
    method: "delete",
    path: "/v1/tokens/{id}",
    tag: "Tokens",
    summary: "Revoke a token, by id or name, with the sessions that were begun with it",
    responses: { 204: { description: "It lets nobody in any more" }, ...problems(404) },
    run: async ({ params, note }) => {
      note({ before: present(await tokens.revoke(params.id!)) });
      return { status: 204 };
    },
  });

function present(token: StoredToken): z.input<typeof shownToken> {
  const { id, name, role, scope, createdBy, createdAtMs, expiresAtMs, lastUsedAtMs } = token;
  return {
    id,
    name,
    role,
    scope,
    createdAt: new Date(createdAtMs).toISOString(),
    createdBy,
    expiresAt: when(expiresAtMs),
    lastUsedAt: when(lastUsedAtMs),
  };
}

function when(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
