import { type ApiClient, createApiClient } from "./client.ts";
import { CommandError, EXIT, type Exit } from "./exit.ts";
import { PATIENCE, type Patience } from "./follow.ts";
import { type Paint, painter, withoutControls } from "./paint.ts";
import { findServer } from "./server.ts";
import type { Output, Terminal } from "./terminal.ts";

/** What stands before every command, on any of them. */
export interface Globals {
  json?: boolean;
  output?: OutputFormat;
  url?: string;
}

export const OUTPUT_FORMATS = ["table", "wide", "json"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What every command is given. */
export interface Shell {
  readonly terminal: Terminal;
  readonly isJson: boolean;
  /** Whether lists have more columns. */
  readonly isWide: boolean;
  readonly patience: Patience;
  readonly paint: Paint;
  /** @throws CommandError `usage` when it cannot be said which server, or as whom */
  connect(): Promise<ApiClient>;
  /** Lines for people, on the standard output. */
  print(...lines: string[]): void;
  /** Lines beside the result, on the standard error. */
  note(...lines: string[]): void;
  /** The result: as JSON where that was asked for, else as lines. */
  show(value: unknown, lines: () => string[]): void;
  /** One line of JSON, of several. */
  showLine(value: unknown): void;
  /** The exit status when the command is over; 0 unless told. */
  exit(status: Exit): void;
  readonly status: Exit;
}

/** @param globals read when wanted, since the words are parsed later */
export function createShell(terminal: Terminal, globals: () => Globals, patience = PATIENCE): Shell {
  let status: Exit = EXIT.succeeded;
  const write = (output: Output, lines: string[]) =>
    output.write(lines.map((line) => `${withoutControls(line)}\n`).join(""));
  const isJson = () => globals().json === true || globals().output === "json";
  const print = (...lines: string[]) => write(terminal.out, lines);
  return {
    terminal,
    get isJson() {
      return isJson();
    },
    get isWide() {
      return globals().output === "wide";
    },
    patience,
    paint: painter(terminal.out.hasColours),
    connect: async () => createApiClient(await findServer(globals().url, terminal.env)),
    print,
    note: (...lines) => write(terminal.err, lines),
    show: (value, lines) =>
      isJson() ? terminal.out.write(`${JSON.stringify(value, null, 2)}\n`) : print(...lines()),
    showLine: (value) => terminal.out.write(`${JSON.stringify(value)}\n`),
    exit: (wanted) => void (status = wanted),
    get status() {
      return status;
    },
  };
}

/** Tells what ended a command, on the standard error. @returns the exit status */
export function tellError(shell: Shell, error: CommandError): Exit {
  const { terminal, isJson } = shell;
  const { code, message, hint, fields, problem } = error;
  if (isJson) {
    terminal.err.write(`${JSON.stringify({ error: { ...problem, code, message, hint } })}\n`);
    return error.exit;
  }
  const paint = painter(terminal.err.hasColours);
  shell.note(`${paint("red", "error:")} ${message}${code === "usage" ? "" : ` (${code})`}`);
  for (const field of fields) shell.note(`  ${paint("bold", field.path)} ${field.message}`);
  if (hint !== undefined) shell.note(`${paint("cyan", "hint:")} ${hint}`);
  return error.exit;
}
