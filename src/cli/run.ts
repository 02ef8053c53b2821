import { CommanderError } from "commander";
import { CommandError, EXIT } from "./exit.ts";
import type { Patience } from "./follow.ts";
import { createProgram } from "./program.ts";
import { createShell, type Globals, tellError } from "./shell.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Runs one command line to its end.
 *
 * @param words after the program's name
 * @returns the exit status; EXIT says what each means
 */
export async function runCommandLine(
  words: readonly string[],
  terminal: Terminal,
  patience?: Patience,
): Promise<number> {
  // What is wrong with the words is told before they are understood.
  const asksForJson = words.includes("--json") || /(^| )(-o|--output)[ =]json( |$)/.test(words.join(" "));
  let globals: Globals = { json: asksForJson };
  const shell = createShell(terminal, () => globals, patience);
  const program = await createProgram(shell, words);
  program.hook("preAction", (_, command) => void (globals = command.optsWithGlobals<Globals>()));
  try {
    await program.parseAsync([...words], { from: "user" });
    return shell.status;
  } catch (error) {
    // Commander has told it by then.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.succeeded : EXIT.usage;
    if (error instanceof CommandError) return tellError(shell, error);
    throw error;
  }
}
