/** What a script learns from the exit status; public, so only ever added to. */
export const EXIT = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  cancelled: 3,
  unreachable: 4,
  watchTimedOut: 5,
  /** Ctrl-C while watching, as shells count it: 128 and SIGINT's number. */
  interrupted: 130,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** One field that the API wants corrected; the path is like `boot.iso.url`. */
export interface FieldError {
  path: string;
  message: string;
}

export interface CommandErrorFacts {
  exit: Exit;
  /** The API's code, or one of the command line's own: `server-unreachable`, `usage`. */
  code: string;
  hint?: string | undefined;
  fields?: FieldError[] | undefined;
  /** The API's answer as it came. */
  problem?: Record<string, unknown> | undefined;
  cause?: unknown;
}

/** The one error of the command line: whatever ends a command other than its own outcome. Never holds a secret. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exit: Exit;
  readonly code: string;
  readonly hint: string | undefined;
  readonly fields: FieldError[];
  readonly problem: Record<string, unknown> | undefined;

  constructor(message: string, facts: CommandErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.exit = facts.exit;
    this.code = facts.code;
    this.hint = facts.hint;
    this.fields = facts.fields ?? [];
    this.problem = facts.problem;
  }
}

/**
 * What a room of the server threw, where the command line does its work by itself.
 *
 * @param name of the errors that are no defects
 * @returns the error as it was, where it is a defect
 */
export function asCommandError(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || error.name !== name) return error;
  const { code, hint } = error as Error & { code: string; hint?: string };
  return new CommandError(error.message, { exit: EXIT.failed, code, hint, cause: error });
}

/** The command line was given something that cannot stand. */
export function usageError(message: string, hint?: string): CommandError {
  return new CommandError(message, { exit: EXIT.usage, code: "usage", hint });
}
