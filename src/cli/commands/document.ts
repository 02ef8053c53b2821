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
  const text = file === "-" ? await terminal.readInput() : readText(file);
  const { parse } = await import("yaml");
  try {
    return parse(text) as unknown;
  } catch (error) {
    // The first line alone: the others repeat the file, and a file may hold a password.
    const [reason] = error instanceof Error ? error.message.split("\n") : [String(error)];
    throw usageError(`${file === "-" ? "the standard input" : file} is neither JSON nor YAML: ${reason}`);
  }
}
