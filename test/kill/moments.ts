import assert from "node:assert/strict";
import type { Moment } from "./deaths.ts";
import type { House, Verdict } from "./house.ts";
import type { Server } from "./server.ts";

/** Every moment, as titles and the table call it. */
export const MOMENTS: Record<Moment, string> = {
  "before-request": "before a request is sent",
  "after-answer": "after an answer and before anything is made of it",
  "before-command": "before an agent is sent a command",
  "after-command": "after an agent has taken a command and before anything is made of it",
  "before-commit": "before a commit",
  "after-commit": "after a commit",
  "after-announcing": "after it announced a change",
};

/** Those of a deployment without an agent. */
export const ALL_MOMENTS: readonly Moment[] = [
  "before-request",
  "after-answer",
  "before-commit",
  "after-commit",
  "after-announcing",
];

/** Those in which it matters that there is an agent. */
export const AGENT_MOMENTS: readonly Moment[] = [
  "before-command",
  "after-command",
  "before-commit",
  "after-commit",
  "after-announcing",
];

/** One round of deployments in which nobody dies. */
export interface QuietRound {
  verdicts: Verdict[];
  /** How many of these moments the process had. */
  count: number;
  /** Requests that a BMC got, the most of any. */
  requests: number;
}

export async function countMoments(house: House, server: Server, moment: Moment): Promise<QuietRound> {
  await house.tidy();
  await server.arm({ moment, nth: Number.POSITIVE_INFINITY, signal: "SIGKILL" });
  const verdicts = await Promise.all(house.deployAll());
  const requests = Math.max(...house.bmcs.map(({ bmc }) => bmc.requests.length));
  return { verdicts, requests, count: await server.disarm() };
}

/**
 * A suite in whose rounds nobody comes to harm shows nothing: the moments may be told of no more.
 *
 * @param isHarmed of each round
 */
export function assertHarm(isHarmed: readonly boolean[]): void {
  assert.ok(isHarmed.includes(true), `in none of ${isHarmed.length} rounds anybody came to the moment`);
}

/** Waits until a process has come to its moment and sleeps, or everything is over without it. */
export function hasStopped(server: Server, verdicts: Promise<unknown>): Promise<boolean> {
  return Promise.race([server.stopped().then(() => true), verdicts.then(() => false)]);
}
