import type { Action, LoggedRequest } from "../test/bmc-simulator/index.ts";

/** What one BMC's own log says of one deployment. */
export interface Judgement {
  /** Requests without the repeated looks of a wait. */
  requests: number;
  /** Looks beyond the first at what was asked for and did not show yet. */
  polls: number;
  /** Proofs that are missing, in words; empty when all are there. */
  missing: string[];
}

/** Judges the log of one BMC over one deployment: what was done to the machine, and whether somebody looked afterwards. */
export function judge(requests: readonly LoggedRequest[], actions: readonly Action[]): Judgement {
  const polls = countPolls(requests);
  return {
    requests: requests.length - polls,
    polls,
    missing: [...missingActions(actions), ...missingLooks(requests, actions)],
  };
}

function missingActions(actions: readonly Action[]): string[] {
  const wanted = ["insert", "override", "reset", "eject"] as const;
  return wanted
    .filter((what) => !actions.some((action) => action.what === what))
    .map((what) => `no ${what} at all`);
}

/** An action counts as seen when its own resource was read after it and before the next action. */
function missingLooks(requests: readonly LoggedRequest[], actions: readonly Action[]): string[] {
  const system = requests
    .map(({ path }) => /^(.*)\/Actions\/ComputerSystem\.Reset$/.exec(path)?.[1])
    .find(Boolean);
  return actions.flatMap((action, index) => {
    const asked = requests.find(({ n }) => n === action.request);
    const next = actions[index + 1];
    // Some BMCs take an override in several PATCHes only; the last of them is to be seen.
    if (asked === undefined || (action.what === "override" && next?.what === "override")) return [];
    const isMedia = action.what === "insert" || action.what === "eject";
    const resource = isMedia ? asked.path.replace(/\/Actions\/.*/, "") : (system ?? asked.path);
    const until = next?.request ?? Number.POSITIVE_INFINITY;
    const isSeen = requests.some(
      ({ n, method, path, status }) =>
        n > asked.n && n < until && method === "GET" && path === resource && status === 200,
    );
    return isSeen ? [] : [`no look at ${resource} after ${action.what}`];
  });
}

/** In a run of equal GETs that begins right behind a change or a task, all but the first are polls. */
function countPolls(requests: readonly LoggedRequest[]): number {
  let polls = 0;
  let isWaiting = false;
  requests.forEach(({ method, path }, index) => {
    const before = requests[index - 1];
    const isSame = method === "GET" && before?.method === "GET" && before.path === path;
    if (!isSame)
      isWaiting = before !== undefined && (before.acted || /\/Task(Monitor)?s\//.test(before.path));
    else if (isWaiting) polls += 1;
  });
  return polls;
}
