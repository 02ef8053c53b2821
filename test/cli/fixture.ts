import { spawn } from "node:child_process";
import { join } from "node:path";
import { runCommandLine } from "../../src/cli/run.ts";
import type { Patience } from "../../src/cli/follow.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { type Running, TOKEN } from "../api/fixture.ts";

/** Tries quickly, so that tests need not wait, and gives up late, since the machine may pause. */
export const HASTE: Patience = { silentMs: 10_000, firstTryMs: 5, longestTryMs: 20, giveUpMs: 30_000 };

export interface Typed {
  env?: Record<string, string>;
  /** The standard input. */
  input?: string;
  /** What a person types when asked; undefined where nobody sits. */
  secret?: string;
  isTerminal?: boolean;
  hasColours?: boolean;
  columns?: number;
  nowMs?: () => number;
  patience?: Partial<Patience>;
}

export interface Typing {
  /** What was written so far. */
  readonly out: string;
  readonly err: string;
  /** Questions that were asked. */
  readonly asked: string[];
  /** Resolves when the output holds the text. */
  until(text: string): Promise<void>;
  interrupt(): void;
  ended: Promise<number>;
}

/** Types a command line in this process. */
export function type(api: Pick<Running, "url"> | undefined, words: string[], typed: Typed = {}): Typing {
  const written = { out: "", err: "" };
  const asked: string[] = [];
  const interrupts = new Set<() => void>();
  const output = (name: "out" | "err") => ({
    isTerminal: typed.isTerminal ?? false,
    hasColours: typed.hasColours ?? false,
    columns: typed.columns ?? 140,
    write: (text: string) => void (written[name] += text),
  });
  const server = api === undefined ? {} : { TRAYLOAD_URL: api.url, TRAYLOAD_TOKEN: TOKEN };
  const terminal: Terminal = {
    env: { ...server, ...typed.env },
    out: output("out"),
    err: output("err"),
    nowMs: typed.nowMs ?? Date.now,
    readInput: async () => typed.input ?? "",
    askSecret: async (question) => {
      if (typed.secret !== undefined) asked.push(question);
      return typed.secret;
    },
    onInterrupt: (stop) => {
      interrupts.add(stop);
      return () => interrupts.delete(stop);
    },
  };
  return {
    get out() {
      return written.out;
    },
    get err() {
      return written.err;
    },
    asked,
    until: async (text) => {
      while (!written.out.includes(text) && !written.err.includes(text)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    interrupt: () => {
      for (const stop of interrupts) stop();
    },
    ended: runCommandLine(words, terminal, { ...HASTE, ...typed.patience }),
  };
}

export interface Said {
  status: number;
  out: string;
  err: string;
  // The tests read what they know to be there.
  // oxlint-disable-next-line typescript/no-explicit-any
  json: any;
}

/** Types a command line and waits for its end. */
export async function run(
  api: Pick<Running, "url"> | undefined,
  words: string[],
  typed: Typed = {},
): Promise<Said> {
  const typing = type(api, words, typed);
  const status = await typing.ended;
  const json = words.includes("--json") && typing.out !== "" ? parse(typing.out) : undefined;
  return { status, out: typing.out, err: typing.err, json };
}

/** One value over many lines, or many of a line each. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  }
}

const LAUNCHER = join(import.meta.dirname, "../../bin/trayload.mjs");

/** Runs a command line as a process of its own, as a shell does. Each costs time, so only where that is the point. */
export function launch(words: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [LAUNCHER, ...words], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (text: Buffer) => (said.out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (said.err += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const until = async (text: string) => {
    while (!said.out.includes(text) && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { child, said, until, ended };
}
