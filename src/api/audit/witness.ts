import type { Request, Response } from "express";
import type { Answer } from "../answer.ts";
import { nameOf } from "../access/roles.ts";
import type { Caller } from "../access/tokens.ts";
import { describeProblem } from "../problem.ts";
import type { AuditStore } from "../ports.ts";
import type { Route } from "../route.ts";
import type { AuditFacts } from "./entry.ts";

/** What a route tells of what it did, without secrets. */
export interface Change {
  before?: unknown;
  after?: unknown;
}

/** Sees to it that what is done through the API stands in the audit before it is answered. */
export interface Witness {
  /** Runs a route, and keeps what came of it; an answer that cannot be kept is not given. */
  watch(
    route: Route,
    request: Request,
    response: Response,
    run: () => Promise<Answer | undefined>,
  ): Promise<Answer | undefined>;
  /** Keeps that somebody was turned away at the door. */
  turnedAway(route: Route, request: Request, response: Response, error: unknown): Promise<void>;
}

interface WitnessParts {
  audit: Pick<AuditStore, "append">;
  clock: () => number;
}

/** What can be told of a request before it has been answered. */
type Asked = Omit<AuditFacts, "at" | "outcome" | "status" | "code" | "before" | "after">;

const LONGEST = 255;

export function createWitness({ audit, clock }: WitnessParts): Witness {
  const keep = async (
    asked: Asked,
    came: Pick<AuditFacts, "outcome" | "status" | "code">,
    change: Change,
  ) => {
    const { before = null, after = null } = change;
    await audit.append({ at: new Date(clock()).toISOString(), ...asked, ...came, before, after });
  };
  const keepRefusal = async (asked: Asked, error: unknown) => {
    const { status, code } = describeProblem(error);
    await keep(asked, { outcome: "refused", status, code }, {});
  };
  return {
    watch: async (route, request, response, run) => {
      if (route.method === "get" && route.isAudited !== true) return run();
      const asked = describe(route, request, response);
      let answer: Answer | undefined;
      try {
        answer = await run();
      } catch (error) {
        await keepRefusal(asked, error);
        throw error;
      }
      // A log-in tells who it is.
      asked.who = whoIs(response);
      if (answer?.refusal !== undefined) {
        await keepRefusal(asked, answer.refusal);
        return answer;
      }
      const change = (response.locals.change as Change | undefined) ?? {};
      await keep(asked, { outcome: "done", status: answer?.status ?? 200, code: null }, change);
      return answer;
    },
    turnedAway: (route, request, response, error) => keepRefusal(describe(route, request, response), error),
  };
}

function describe(route: Route, request: Request, response: Response): Asked {
  return {
    who: whoIs(response),
    // IPv4 over a socket for both is written as IPv6.
    from: (request.ip ?? "unknown").replace(/^::ffff:/, ""),
    action: nameOf(route),
    target: request.path.slice(0, LONGEST),
    requestId: response.locals.requestId as string,
  };
}

function whoIs({ locals }: Response): Asked["who"] {
  const caller = locals.caller as Caller | undefined;
  if (caller === undefined || caller.tokenId === "") return null;
  return { tokenId: caller.tokenId, name: caller.name, role: caller.role };
}
