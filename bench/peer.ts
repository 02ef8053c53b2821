import { type ChildProcess, fork } from "node:child_process";

/** What a process of the bench can be asked, by name. Arguments and answers travel as JSON. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Answers = Record<string, (given: any) => unknown>;

type Given<A extends Answers, Name extends keyof A> = Parameters<A[Name]>[0];
type Answer<A extends Answers, Name extends keyof A> = Awaited<ReturnType<A[Name]>>;

/** Another process of the bench. */
export interface Peer<A extends Answers> {
  readonly pid: number;
  /** @throws Error with the peer's own message, or when it has ended */
  ask<Name extends keyof A & string>(name: Name, given: Given<A, Name>): Promise<Answer<A, Name>>;
  /** Resolves when the process has ended. */
  stop(): Promise<void>;
}

interface Question {
  n: number;
  name: string;
  given: unknown;
}
type Reply = { n: number; answer: unknown } | { n: number; error: string };

/** How long a peer may take to end by itself. */
const STOP_MS = 10_000;

/**
 * Starts `module` (a path) in a process of its own; it has to call `answerParent`.
 *
 * @param nodeArgs for its Node
 */
export function startPeer<A extends Answers>(module: string, nodeArgs: readonly string[] = []): Peer<A> {
  const child = fork(module, { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [...nodeArgs] });
  const open = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let asked = 0;
  child.on("message", (reply: Reply) => {
    const question = open.get(reply.n);
    open.delete(reply.n);
    if ("error" in reply) question?.reject(new Error(reply.error));
    else question?.resolve(reply.answer);
  });
  void ended.then(() => {
    for (const { reject } of open.values()) reject(new Error(`${module} has ended`));
  });
  return {
    pid: child.pid!,
    ask: (name, given) =>
      new Promise<never>((resolve, reject) => {
        const n = (asked += 1);
        open.set(n, { resolve: resolve as (answer: unknown) => void, reject });
        const question: Question = { n, name, given };
        child.send(question, (error) => error !== null && reject(error));
      }),
    stop: () => stop(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(timer);
}

/** Answers what the parent asks until it lets go of this process or dies; then `close` is called and the process ends. */
export function answerParent(answers: Answers, close: () => Promise<unknown> = async () => undefined): void {
  process.on("message", async ({ n, name, given }: Question) => {
    const reply: Reply = await answerTo(answers, name, given).then(
      (answer) => ({ n, answer }),
      (error: unknown) => ({ n, error: String(error instanceof Error ? error.message : error) }),
    );
    process.send?.(reply);
  });
  process.once("disconnect", () => void close().finally(() => process.exit()));
}

async function answerTo(answers: Answers, name: string, given: unknown): Promise<unknown> {
  const answer = answers[name];
  if (answer === undefined) throw new Error(`there is no answer to ${name}`);
  return answer(given);
}
