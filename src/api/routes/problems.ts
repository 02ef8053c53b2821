import type { Described } from "../route.ts";
import { problem } from "../schemas/problem.ts";

const WORDS: Record<number, string> = {
  400: "Not readable: broken JSON, or a query parameter or header that is not valid",
  403: "It is not allowed",
  404: "There is no such thing",
  409: "Something is in the way",
  412: "It has changed since",
  413: "The body is too large",
  415: "The body is not JSON",
  422: "A field is not valid or not known",
  502: "Another server that is needed cannot be asked",
};

/** Describes the refusals of a route; those that every route has are added by the description itself. */
export function problems(...statuses: number[]): Record<number, Described> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: WORDS[status]!, schema: problem, contentType: "application/problem+json" },
    ]),
  );
}

/** What any body can be refused for. */
export const BODY_PROBLEMS = problems(400, 413, 415, 422);
