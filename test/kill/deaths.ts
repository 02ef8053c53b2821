import { channel } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import { DatabaseSync, StatementSync } from "node:sqlite";
import pg from "pg";

/**
 * The moments in which a process can die: nothing of a Redfish request, or of a command to an agent, has left yet, its
 * answer has come and nothing was done with it, before and after the commit of a transaction, and after one that announces
 * a change of a BMC or such a command.
 */
export type Moment =
  | "before-request"
  | "after-answer"
  | "before-command"
  | "after-command"
  | "before-commit"
  | "after-commit"
  | "after-announcing";

/** How to die: of the `nth` such moment from now on. */
export interface Order {
  moment: Moment;
  nth: number;
  signal: "SIGKILL" | "SIGSTOP" | "SIGTERM";
}

/** What a stopped process says as its last word, since a parent hears of a stop by no other way. */
export const STOPPED = "stopped";

/**
 * Makes this process able to die in the middle of its work. Node tells of requests by its diagnostics channels; of commits
 * it does not, so that both drivers are made to tell. The product knows nothing of this.
 *
 * @returns gives an order in place of the one before; returns how many moments of that one have passed
 */
export function prepareToDie(): (order: Order | null) => number {
  let order: Order | null = null;
  let count = 0;

  function pass(moment: Moment): void {
    if (moment !== order?.moment) return;
    count += 1;
    if (count !== order.nth) return;
    if (order.signal === "SIGSTOP") writeSync(1, `${STOPPED}\n`);
    process.kill(process.pid, order.signal);
  }

  channel("http.client.request.created").subscribe((message) => {
    if (isRedfish(message)) pass("before-request");
    if (isCommand(message)) pass("before-command");
  });
  channel("http.client.response.finish").subscribe((message) => {
    if (isRedfish(message)) pass("after-answer");
    if (isCommand(message)) pass("after-command");
  });
  tellOfSqliteCommits(pass);
  tellOfPostgresCommits(pass);
  return (next) => {
    const passed = count;
    order = next;
    count = 0;
    return passed;
  };
}

function isRedfish(message: unknown): boolean {
  return (message as { request: { path: string } }).request.path.startsWith("/redfish/");
}

/** Agents are also asked how a command stands, which is a GET. */
function isCommand(message: unknown): boolean {
  const { method, path } = (message as { request: { method: string; path: string } }).request;
  return method === "POST" && path.startsWith("/v1/commands/");
}

type Pass = (moment: Moment) => void;

/** Whether a statement appends an announcement. The view holds earlier ones, too; only an event begins with its kind. */
function announces(parameters: readonly unknown[]): boolean {
  return parameters.some((one) => typeof one === "string" && one.startsWith('{"type":"action-intended"'));
}

function tellOfSqliteCommits(pass: Pass): void {
  const prototype = DatabaseSync.prototype as unknown as { exec: (statement: string) => void };
  const { exec } = prototype;
  let isAnnouncing = false;
  prototype.exec = function (this: unknown, statement) {
    if (statement !== "COMMIT") return exec.call(this, statement);
    pass("before-commit");
    exec.call(this, statement);
    pass("after-commit");
    if (isAnnouncing) pass("after-announcing");
    isAnnouncing = false;
  };
  const statements = StatementSync.prototype as unknown as { run: (...given: unknown[]) => unknown };
  const { run } = statements;
  statements.run = function (this: unknown, ...given) {
    isAnnouncing ||= announces(given);
    return run.apply(this, given);
  };
}

function tellOfPostgresCommits(pass: Pass): void {
  const prototype = pg.Client.prototype as unknown as { query: (...given: unknown[]) => unknown };
  const { query } = prototype;
  const announcing = new WeakSet();
  prototype.query = function (this: object, ...given: unknown[]) {
    if (Array.isArray(given[1]) && announces(given[1])) announcing.add(this);
    if (given[0] !== "commit") return query.apply(this, given);
    pass("before-commit");
    const done = query.apply(this, given) as Promise<unknown>;
    return done.then((result) => {
      pass("after-commit");
      if (announcing.delete(this)) pass("after-announcing");
      return result;
    });
  };
}
