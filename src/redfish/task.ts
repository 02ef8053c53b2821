import { setTimeout as delay } from "node:timers/promises";
import type { Answer, Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { headerOf, pathOf, stringAt } from "./json.ts";
import { type ExtendedMessage, readExtendedInfo } from "./extended-info.ts";
import { parseRetryAfter } from "./retry-after.ts";
import type { TimeLeft } from "./time-left.ts";

/** The clock a task is followed by. */
export interface TaskTiming {
  /** How long until the task is given up. */
  leftMs: TimeLeft;
  now?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
  /** Told the monitor's URL before it is first asked, so that a successor can go on. */
  onMonitor?: OnMonitor | undefined;
}

/** Told where the end of a task will be known: a path of the BMC. It is not asked before this has resolved. */
export type OnMonitor = (path: string) => void | Promise<void>;

/** What a look at a task's monitor tells; `gone` where the BMC keeps it no longer, or not yet. */
export type TaskState = "running" | "ended" | "gone";

const PAUSE_MS = 1_000;
/** iDRAC answers 404 for a job that it has just created (field notes, 2.1 row 11). */
const MISSING_FOR_MS = 10_000;
const FAILED = new Set(["Exception", "Killed", "Cancelled"]);

/**
 * Follows a 202 to its end (DSP0266, "Asynchronous operations"); any other answer is given back as it is.
 *
 * @returns the answer that ended the task
 * @throws RedfishError `bmc-rejected` with the task's messages when it failed, `bmc-timed-out` when it did not end
 */
export async function followTask(sender: Sender, answer: Answer, timing: TaskTiming): Promise<Answer> {
  if (answer.status !== 202) return answer;
  const location = headerOf(answer.headers, "location") ?? stringAt(answer.body, "@odata.id");
  // Without a monitor there is nothing to follow: the caller sees for itself whether it happened.
  if (location === undefined) return answer;
  const monitor = pathOf(location);
  const { now = Date.now, sleep = delay } = timing;
  await timing.onMonitor?.(monitor);
  const begun = now();
  for (let last = answer; ; ) {
    const pauseMs = parseRetryAfter(headerOf(last.headers, "retry-after"), now()) ?? PAUSE_MS;
    if (pauseMs > timing.leftMs()) throw tooLate(monitor, now() - begun);
    await sleep(pauseMs);
    last = (await look(sender, monitor, now() - begun < MISSING_FOR_MS)) ?? last;
    if (hasEnded(last, monitor)) return last;
  }
}

/**
 * Looks once at a task that somebody else has begun.
 *
 * @param monitor as `onMonitor` was told it
 * @throws RedfishError `bmc-rejected` with the task's messages when it failed
 */
export async function readTask(sender: Sender, monitor: string): Promise<TaskState> {
  const answer = await look(sender, monitor, true);
  if (answer === undefined) return "gone";
  return hasEnded(answer, monitor) ? "ended" : "running";
}

/** Asks the monitor; undefined where it is missing but may still appear. */
async function look(sender: Sender, monitor: string, mayBeMissing: boolean): Promise<Answer | undefined> {
  try {
    return await sender.send("GET", monitor);
  } catch (error) {
    if (!(error instanceof RedfishError)) throw error;
    if (mayBeMissing && error.status === 404) return undefined;
    // The monitor of a task that has ended answers as the request would have done.
    if (error.code === "bmc-rejected" && error.status !== undefined)
      throw failed(monitor, `refused with ${error.status}`, error.messages);
    // What was asked for may still happen, though only a read of it has failed.
    throw error.afterActing();
  }
}

function hasEnded(answer: Answer, monitor: string): boolean {
  const state = stringAt(answer.body, "TaskState");
  const status = stringAt(answer.body, "TaskStatus");
  if (state !== undefined && FAILED.has(state)) throw failed(monitor, state, readTaskMessages(answer.body));
  if (state === undefined) return answer.status !== 202;
  if (state !== "Completed") return false;
  if (status === "Critical")
    throw failed(monitor, `${state} with status ${status}`, readTaskMessages(answer.body));
  return true;
}

function failed(monitor: string, how: string, messages: readonly ExtendedMessage[]): RedfishError {
  const said = messages.map((message) => message.text || message.id).join("; ");
  return new RedfishError(`the BMC's task ${monitor} ended as ${how}${said === "" ? "" : `: ${said}`}`, {
    code: "bmc-rejected",
    retryable: false,
    messages,
  });
}

/** A task keeps its messages in `Messages`, an error in the usual place. */
function readTaskMessages(body: unknown): ExtendedMessage[] {
  const listed = (body as { Messages?: unknown }).Messages;
  return readExtendedInfo({ "@Message.ExtendedInfo": listed }).concat(readExtendedInfo(body));
}

function tooLate(monitor: string, ms: number): RedfishError {
  return new RedfishError(`the BMC's task ${monitor} had not ended after ${ms} ms`, {
    code: "bmc-timed-out",
    retryable: true,
    mayHaveActed: true,
    hint: "Look at the BMC's job queue; a stuck job blocks all that come behind it.",
  });
}
