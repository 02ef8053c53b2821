import * as z from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { rightTo, ROLES } from "./access/roles.ts";
import { type Described, isPolled, type Route } from "./route.ts";
import { problem } from "./schemas/problem.ts";

export type Description = ReturnType<typeof createDocument>;

const PROBLEM: Omit<Described, "description"> = { schema: problem, contentType: "application/problem+json" };

const BYTES = { type: "string", format: "binary" } as const;

const HEADER_WORDS: Record<string, string> = {
  ETag: "Send it back as If-None-Match to be answered 304 while nothing has changed",
  Location: "Where the result is to be read",
  "Retry-After": "Seconds after which asking again is worth while",
};

/** Describes routes as OpenAPI 3.1, from the schemas that check their requests. */
export function describeRoutes(routes: readonly Route[], version: string): Description {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Trayload",
      version,
      description:
        "Puts operating systems on bare metal through Redfish virtual media. Times are RFC 3339 UTC, sizes bytes, durations milliseconds. Unknown fields are refused.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "tl_…" } } },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
  });
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { tag, summary, description, query, responses, isOpen } = route;
  const path = paramsOf(route.path);
  const headers = headersOf(route);
  const words = [description, isOpen === true ? undefined : rolesOf(route)].filter(
    (text) => text !== undefined,
  );
  return {
    operationId: operationIdOf(route),
    tags: [tag],
    summary,
    ...(words.length === 0 ? {} : { description: words.join(" ") }),
    ...(isOpen === true ? { security: [] } : {}),
    requestParams: {
      ...(path === undefined ? {} : { path }),
      ...(query === undefined ? {} : { query }),
      ...(headers === undefined ? {} : { header: headers }),
    },
    ...bodyOf(route),
    responses: responsesOf(isPolled(route) ? forPollers(responses) : responses, isOpen === true),
  };
}

/** What a token must be of; nothing where any will do. */
function rolesOf(route: Route): string | undefined {
  const { roles } = rightTo(route);
  return roles.length === ROLES.length ? undefined : `Needs a token of ${roles.join(" or ")}.`;
}

function bodyOf({ body, isBinary }: Route): Pick<ZodOpenApiOperationObject, "requestBody"> {
  if (isBinary === true)
    return { requestBody: { required: true, content: { "application/octet-stream": { schema: BYTES } } } };
  if (body === undefined) return {};
  const required = !body.safeParse({}).success;
  return { requestBody: { required, content: { "application/json": { schema: body } } } };
}

/** What the door adds to them. */
function forPollers(responses: Record<number, Described>): Record<number, Described> {
  const { headers = [], ...found } = responses[200]!;
  const added = [...new Set([...headers, "ETag", "Retry-After"])];
  return {
    ...responses,
    200: { ...found, headers: added },
    304: { description: "It is as the asker has it (`If-None-Match`)", headers: ["ETag"] },
  };
}

function responsesOf(
  responses: Record<number, Described>,
  isOpen: boolean,
): ZodOpenApiOperationObject["responses"] {
  const all: Record<string, Described> = {
    ...responses,
    ...(isOpen
      ? {}
      : {
          401: { description: "A valid token is needed", ...PROBLEM },
          403: { description: "The token's role does not allow this", ...PROBLEM },
        }),
    default: { description: "Any other refusal", ...PROBLEM },
  };
  return Object.fromEntries(
    Object.entries(all).map(([status, described]) => [status, responseOf(described)]),
  );
}

function responseOf({ description, schema, contentType = "application/json", headers = [] }: Described) {
  return {
    description,
    ...(headers.length === 0
      ? {}
      : {
          headers: z.object(
            Object.fromEntries(
              headers.map((name) => [name, z.string().meta({ description: HEADER_WORDS[name] })]),
            ),
          ),
        }),
    ...(schema === undefined ? {} : { content: { [contentType]: { schema } } }),
  };
}

function paramsOf(path: string): z.ZodObject | undefined {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  if (names.length === 0) return undefined;
  const description = path.startsWith("/v1/nodes/") ? "Id or name" : "Id";
  return z.object(Object.fromEntries(names.map((name) => [name, z.string().meta({ description })])));
}

function headersOf({ headers = {}, isIdempotent }: Route): z.ZodObject | undefined {
  const all = {
    ...headers,
    ...(isIdempotent === true
      ? {
          "Idempotency-Key":
            "1 to 255 characters; the same key and body again give the same answer, for 24 h",
        }
      : {}),
  };
  const entries = Object.entries(all).map(([name, description]) => [
    name,
    z.string().optional().meta({ description }),
  ]);
  return entries.length === 0
    ? undefined
    : z.object(Object.fromEntries(entries) as Record<string, z.ZodType>);
}

/** Like `postNodesByIdPower`. */
function operationIdOf({ method, path }: Route): string {
  const words = path
    .replace(/^\/v1/, "")
    .replace(/\{(\w+)\}/g, "by/$1")
    .split(/[^A-Za-z0-9]+/);
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
