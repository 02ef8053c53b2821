import type { Action, LoggedRequest } from "../test/bmc-simulator/index.ts";

/** What one BMC's own log says of one deployment. */
export interface Judgement {
  /** Requests without the repeated looks of a wait. */
  requests: number;
  /** Looks beyond the first at what was asked for and did not show yet. */
  polls: number;
  /** How long a request was under way, those at the same time counted once. */
  busyMs: number;
  /** Proofs that are missing, in words; empty when all are there. */
  missing: string[];
}

/**
 * Judges the log of one BMC over one deployment: what was done to the machine, whether somebody looked afterwards, and how
 * many sessions there were at once.
 *
 * @param sessionsBefore how many were open before the first of these requests
 */
export function judge(
  requests: readonly LoggedRequest[],
  actions: readonly Action[],
  sessionsBefore = 0,
): Judgement {
  const polls = countPolls(requests);
  return {
    requests: requests.length - polls,
    polls,
    busyMs: busyMsOf(requests),
    missing: [
      ...missingActions(actions),
      ...missingLooks(requests, actions),
      ...tooManySessions(requests, sessionsBefore),
    ],
  };
}

function busyMsOf(requests: readonly LoggedRequest[]): number {
  let untilMs = 0;
  let busyMs = 0;
  for (const { at, answeredAt } of requests) {
    if (answeredAt === null) continue;
    busyMs += Math.max(0, answeredAt - Math.max(at, untilMs));
    untilMs = Math.max(untilMs, answeredAt);
  }
  return busyMs;
}

/** BMCs have few sessions to give: ours is one for all. */
function tooManySessions(requests: readonly LoggedRequest[], before: number): string[] {
  let open = before;
  let most = before;
  for (const { method, path, status } of requests) {
    if (method === "POST" && path.endsWith("/Sessions") && status === 201) open += 1;
    if (method === "DELETE" && /\/Sessions\/[^/]+$/.test(path) && (status ?? 500) < 300) open -= 1;
    most = Math.max(most, open);
  }
  return most > 1 ? [`${most} sessions at once`] : [];
}

function missingActions(actions: readonly Action[]): string[] {
  const wanted = ["insert", "override", "reset", "eject"] as const;
  return wanted
    .filter((what) => !actions.some((action) => action.what === what))
    .map((what) => `no ${what} at all`);
}

/**
 * An action counts as seen when its own resource was read after it and before the next action: the slot for media, what was
 * patched for an override, the system for a Reset.
 */
function missingLooks(requests: readonly LoggedRequest[], actions: readonly Action[]): string[] {
  return actions.flatMap((action, index) => {
    const asked = requests.find(({ n }) => n === action.request);
    const next = actions[index + 1];
    // Some BMCs take an override in several PATCHes only; the last of them is to be seen.
    if (asked === undefined || (action.what === "override" && next?.what === "override")) return [];
    const resource = asked.path.replace(ACTION, "");
    // A configuration says what is to be mounted; that a drive is mounted, and no longer, its collection alone tells.
    const proving = resource.endsWith("/CfgCD") ? resource.replace("/CfgCD", "") : resource;
    const until = next?.request ?? Number.POSITIVE_INFINITY;
    const isSeen = requests.some(
      ({ n, method, path, status }) =>
        n > asked.n && n < until && method === "GET" && path === proving && status === 200,
    );
    return isSeen ? [] : [`no look at ${resource} after ${action.what}`];
  });
}

/** What stands behind the path of a resource in that of its actions, the standard's and the maker's own. */
const ACTION = /(\/Oem\/[^/]+)?\/Actions\/.*/;
const LOG_IN = /\/Sessions$/;
const TASK = /\/Task(Monitor)?s\//;
/** Answers that say "not now": the same is asked again. */
const NOT_NOW = new Set([409, 503]);

/**
 * A wait begins with a change and lasts until another one is asked for. What it costs beyond the change and one look at
 * each resource are polls: further looks, looks at the change's task, and the same change again where it came too early,
 * with all looks between.
 */
function countPolls(requests: readonly LoggedRequest[]): number {
  let polls = 0;
  let seen: Set<string> | undefined;
  let last: LoggedRequest | undefined;
  const isTooEarly = () => NOT_NOW.has(last?.status ?? 0);
  for (const request of requests) {
    const { method, path } = request;
    if (method !== "GET") {
      if (isTooEarly() && last?.method === method && last.path === path) polls += 1;
      seen = (request.status ?? 500) < 300 && !LOG_IN.test(path) ? new Set() : undefined;
      last = request;
    } else if (isTooEarly() || seen?.has(path) || (seen !== undefined && TASK.test(path))) polls += 1;
    else seen?.add(path);
  }
  return polls;
}
