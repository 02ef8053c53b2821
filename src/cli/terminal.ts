import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { onStopSignals } from "../start/stop-signals.ts";

/** One of the two streams that a command writes to. */
export interface Output {
  /** Whether a person looks at it as it comes, so that a line may be written over. */
  readonly isTerminal: boolean;
  readonly hasColours: boolean;
  /** Characters in a line; 80 where nobody says. */
  readonly columns: number;
  write(text: string): void;
}

/** All that a command knows of the process that it runs in; tests give their own. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly out: Output;
  readonly err: Output;
  nowMs(): number;
  /** All of the standard input. */
  readInput(): Promise<string>;
  /** Asks without showing what is typed; undefined where there is nobody to ask. */
  askSecret(question: string): Promise<string | undefined>;
  /** Calls `stop` at Ctrl-C and its like; a second one ends the process. @returns a function that ends this */
  onInterrupt(stop: () => void): () => void;
}

/** A signal's echo (of npm, of the launcher) must not kill a process that is about to end by itself. */
const ECHO_MS = 500;
/** One that comes while Node takes itself apart would, as nobody listens then; nearly all come sooner than this. */
const LINGER_MS = 100;
const SIGNAL_BASE = 128;
const NUMBERS: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

export function processTerminal(): Terminal {
  const { env, stdin } = process;
  return {
    env,
    out: outputOf(process.stdout, env),
    err: outputOf(process.stderr, env),
    nowMs: Date.now,
    readInput: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString("utf8");
    },
    askSecret: async (question) => (stdin.isTTY ? askUnseen(question) : undefined),
    onInterrupt: (stop) => {
      const endNow = (signal: string) => process.exit(SIGNAL_BASE + (NUMBERS[signal] ?? 0));
      let isHeard = false;
      const leave = onStopSignals(() => {
        isHeard = true;
        stop();
      }, endNow);
      return () => {
        setTimeout(leave, ECHO_MS).unref();
        if (isHeard) setTimeout(() => undefined, LINGER_MS);
      };
    },
  };
}

function outputOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Output {
  // A reader that has enough (`| head`) closes the pipe; that is no failure.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
  const isTerminal = stream.isTTY && env["TERM"] !== "dumb";
  return {
    isTerminal,
    hasColours: isTerminal && !env["NO_COLOR"],
    get columns() {
      return stream.columns || 80;
    },
    write: (text) => void stream.write(text),
  };
}

async function askUnseen(question: string): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  const stopped = new AbortController();
  lines.on("SIGINT", () => stopped.abort());
  process.stderr.write(question);
  try {
    return await lines.question("", { signal: stopped.signal });
  } catch (error) {
    if (stopped.signal.aborted) process.exit(SIGNAL_BASE + NUMBERS["SIGINT"]!);
    throw error;
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
