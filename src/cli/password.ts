import { usageError } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

/** The variable that scripts give a BMC's password in. */
export const PASSWORD_VARIABLE = "TRAYLOAD_BMC_PASSWORD";
/** The same for an image server's. */
export const IMAGE_PASSWORD_VARIABLE = "TRAYLOAD_IMAGE_PASSWORD";

/**
 * A password from wherever other users of this machine cannot see it; a command line is no such place.
 *
 * @param isFromInput `--password-stdin` was given: from the standard input, asked for where that is a terminal
 * @throws CommandError `usage` when there is none
 */
export async function readPassword(
  terminal: Terminal,
  isFromInput: boolean,
  question: string,
  variable = PASSWORD_VARIABLE,
): Promise<string> {
  const given = isFromInput ? undefined : terminal.env[variable];
  if (given) return given;
  const asked = await terminal.askSecret(question);
  const password = asked ?? (isFromInput ? firstLine(await terminal.readInput()) : undefined);
  if (password) return password;
  if (isFromInput) throw usageError("the password on the standard input is empty");
  throw usageError(
    variable === PASSWORD_VARIABLE ? "no password for the BMC" : "no password for the image server",
    `Give it by --password-stdin or ${variable}; on a terminal it is asked for.`,
  );
}

/** What `echo` and editors add is no part of it; more lines than one are a mistake. */
function firstLine(text: string): string {
  const password = text.replace(/\r?\n$/, "");
  if (!/[\r\n]/.test(password)) return password;
  throw usageError("the password on the standard input has several lines");
}
