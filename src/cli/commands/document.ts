import { usageError } from "../exit.ts";
import type { Terminal } from "../terminal.ts";
import { readText } from "./node-options.ts";

/**
 * Reads a file in JSON or YAML, which holds JSON.
 *
 * @param file "-" for the standard input
 * @throws CommandError `usage` when it cannot be read, or is neither
 */
export async function readDocument(terminal: Terminal, file: string): Promise<unknown> {
  return parseDocument(await readSource(terminal, file), file === "-" ? "the standard input" : file);
}

/** @param file "-" for the standard input @throws CommandError `usage` when it cannot be read */
export async function readSource(terminal: Terminal, file: string): Promise<string> {
  return file === "-" ? terminal.readInput() : readText(file);
}

/** @param name of what the text is from @throws CommandError `usage` when it is neither JSON nor YAML */
export async function parseDocument(text: string, name: string): Promise<unknown> {
  const { parse } = await import("yaml");
  try {
    return parse(text) as unknown;
  } catch (error) {
    // The first line alone: the others repeat the file, and a file may hold a password.
    const [reason] = error instanceof Error ? error.message.split("\n") : [String(error)];
    throw usageError(`${name} is neither JSON nor YAML: ${reason}`);
  }
}
