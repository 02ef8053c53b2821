import * as z from "zod";
import { renderDocs } from "../docs-page.ts";
import { describeRoutes, type Description } from "../openapi.ts";
import { defineRoute, type Route } from "../route.ts";

/** The API's description of itself, made once of the very routes that are mounted. */
export function createDescriptionRoutes(others: readonly Route[], version: string): Route[] {
  let description: Description | undefined;
  const describe = (): Description => (description ??= describeRoutes([...others, ...own], version));
  const own: Route[] = [
    defineRoute({
      method: "get",
      path: "/openapi.json",
      tag: "Description",
      summary: "This API, as OpenAPI 3.1",
      responses: { 200: { description: "The document", schema: z.looseObject({}) } },
      run: async () => ({ status: 200, body: describe() }),
    }),
    defineRoute({
      method: "get",
      path: "/docs",
      tag: "Description",
      summary: "This API, to be read by people",
      responses: { 200: { description: "A page", schema: z.string(), contentType: "text/html" } },
      run: async () => ({ status: 200, body: renderDocs(describe()), contentType: "text/html" }),
    }),
  ];
  return own;
}
