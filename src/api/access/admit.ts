import type { RequestHandler, Response } from "express";
import type { Witness } from "../audit/witness.ts";
import type { Auth } from "../auth.ts";
import { Problem } from "../problem.ts";
import type { Route } from "../route.ts";
import { nameOf, rightTo } from "./roles.ts";
import type { Scopes } from "./scope.ts";
import type { Caller } from "./tokens.ts";

export interface AdmitParts {
  auth: Auth;
  scopes: Pick<Scopes, "path">;
  witness: Pick<Witness, "turnedAway">;
  /** Counts failed log-ins and refuses those that are too many. */
  onFailedLogIn: RequestHandler;
  /** Counts what each caller asks for and refuses what is too much. */
  onCaller: RequestHandler;
  /** Counts those whose log-in fails, and refuses those of whom too many did. */
  onLogIn: RequestHandler;
  /** How soon a long answer to somebody whose token has ended ends too, in milliseconds. */
  askAgainMs: number;
}

const NOBODY: Caller = { tokenId: "", name: "", role: "viewer", scope: {}, untilMs: null };

/** Who it is, whether it asks too much, whether its role may, and whether its scope holds what the path names. */
export function admit(route: Route, parts: AdmitParts): RequestHandler[] {
  if (route.isOpen === true) return [admitAnybody, ...(route.isLogIn === true ? [parts.onLogIn] : [])];
  return [logIn(route, parts), parts.onCaller, judge(route, parts)];
}

const admitAnybody: RequestHandler = (_, response, next) => {
  response.locals.caller = NOBODY;
  next();
};

function logIn(route: Route, { auth, witness, onFailedLogIn }: AdmitParts): RequestHandler {
  return async (request, response, next) => {
    try {
      response.locals.caller = await auth.check(request);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const wasShown = (request.headers.authorization ?? "") !== "";
      await onFailedLogIn(request, response, async (tooMany?: unknown) => {
        // Neither a browser that has no session yet nor a flood of guesses is to fill the audit.
        if (tooMany === undefined && wasShown) await witness.turnedAway(route, request, response, error);
        next(tooMany ?? error);
      });
      return;
    }
    next();
  };
}

function judge(route: Route, { scopes, witness }: AdmitParts): RequestHandler {
  const { roles, scope } = rightTo(route);
  return async (request, response, next) => {
    const caller = response.locals.caller as Caller;
    if (!roles.includes(caller.role)) {
      const error = forbidden(route, caller, roles);
      await witness.turnedAway(route, request, response, error);
      throw error;
    }
    await scopes.path(caller, scope, route.path, String(request.params.id));
    next();
  };
}

function forbidden(route: Route, { name, role }: Caller, roles: readonly string[]): Problem {
  return new Problem("forbidden", `The token ${name} has the role ${role}, which may not ${nameOf(route)}.`, {
    hint: `It needs a token of one of these roles: ${roles.join(", ")}.`,
  });
}

/** A signal that is aborted when the caller's token ends while an answer goes on, as those of streams do for days. */
export function watchCaller(
  { auth, askAgainMs }: Pick<AdmitParts, "auth" | "askAgainMs">,
  caller: Caller,
  response: Response,
): AbortSignal {
  const ended = new AbortController();
  const timer = setInterval(() => {
    auth.stillHolds(caller).then(
      (holds) => (holds ? undefined : ended.abort()),
      () => ended.abort(),
    );
  }, askAgainMs);
  timer.unref();
  response.on("close", () => clearInterval(timer));
  return ended.signal;
}
