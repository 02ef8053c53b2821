import { type AllParts, allRoutes } from "./app.ts";
import { describeRoutes, type Description } from "./openapi.ts";

/** What the API takes and gives, without one that runs. */
export function describeApi(version: string): Description {
  // Routes use what they are made of when they are asked, and nobody can ask these.
  return describeRoutes(allRoutes({ version } as AllParts), version);
}
