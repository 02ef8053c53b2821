import type { RouteParts } from "../parts.ts";
import { defineRoute, type Route } from "../route.ts";
import { shownUpkeep } from "../schemas/upkeep.ts";

/** What whoever runs the server looks at now and then. */
export function createUpkeepRoute({ upkeep }: Pick<RouteParts, "upkeep">): Route {
  return defineRoute({
    method: "get",
    path: "/v1/upkeep",
    tag: "Health",
    summary: "Master keys in use, what is kept for how long, and what has not ended",
    responses: { 200: { description: "Upkeep", schema: shownUpkeep } },
    run: async () => ({ status: 200, body: await upkeep() }),
  });
}
