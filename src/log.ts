import { styleText } from "node:util";
import { type DestinationStream, destination, type Logger, pino } from "pino";

export interface LogOptions {
  /** A level of pino, or `silent`. */
  level: string;
  /** Default: standard error, so that what a command answers stays apart. */
  to?: DestinationStream;
  /** Lines for people instead of JSON; default: when standard error is a terminal. */
  isForPeople?: boolean;
}

/**
 * The log of the process. The rooms keep secrets out of what they log; this is the second fence, over every line as it
 * leaves: user info in URLs, secret paths and tokens are struck out wherever they stand.
 */
export function createLog(options: LogOptions): Logger {
  const { level, to = destination({ fd: 2, sync: true }), isForPeople = process.stderr.isTTY } = options;
  const write = (line: string) =>
    to.write(isForPeople ? forPeople(strikeSecrets(line)) : strikeSecrets(line));
  return pino(
    {
      level,
      // Neither the process id nor the host is news in the log of one process.
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: plainError, error: plainError },
      redact: { paths: SECRET_FIELDS, censor: "***" },
    },
    { write },
  );
}

const SECRET_NAMES = ["password", "token", "secret", "callbackSecret", "authorization", "auth"];
const SECRET_FIELDS = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

const PATTERNS: readonly [RegExp, string][] = [
  // https://user:password@host
  [/:\/\/[^\s/@"\\]+@/g, "://***@"],
  // Paths of discs, files and agents on the provisioning listener, and of call-backs.
  [/\/[0-9A-Za-z]{22,}(?=\/(?:boot\.iso|[\w.-]+\.img)\b)/g, "/***"],
  [/\/(a|c)\/[\w-]{22,}/g, "/$1/***"],
  [/\btl_[\w-]{32,}/g, "tl_***"],
  [/\b(Basic|Bearer) [\w+/=.~-]{8,}/g, "$1 ***"],
];

function strikeSecrets(line: string): string {
  return PATTERNS.reduce((text, [pattern, mark]) => text.replace(pattern, mark), line);
}

/** What people need of an error and its causes. Libraries hang requests with their headers on errors; those stay out. */
function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  return { name, code, message, hint, stack, cause: cause === undefined ? undefined : plainError(cause) };
}

const COLOURS = { warn: "yellow", error: "red", fatal: "red" } as const;

function forPeople(line: string): string {
  const { level, time, msg, err, error, ...facts } = JSON.parse(line) as Record<string, unknown>;
  const colour = COLOURS[level as keyof typeof COLOURS] ?? "dim";
  const head = `${String(time).slice(11, 19)} ${styleText(colour, String(level).padEnd(5), { validateStream: false })}`;
  const rest = Object.entries(facts).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  const problem = (err ?? error) as { message?: string; stack?: string } | undefined;
  const trouble = problem === undefined ? "" : `\n         ${problem.stack ?? problem.message}`;
  return `${head} ${String(msg)}${styleText("dim", rest.join(""), { validateStream: false })}${trouble}\n`;
}
