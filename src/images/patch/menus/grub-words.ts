import type { Word } from "./command-line.ts";

/** One command of a GRUB script: its words, in the order in which they stand. */
export type Command = Word[];

const OPENERS = new Set(["then", "else", "do", "{", "}"]);

/**
 * Reads the commands of a GRUB script (GRUB manual, "Writing full configuration files directly"). It follows quotes,
 * escapes, comments and joined lines, and understands no command: what is between braces is read like everything else.
 */
export function readCommands(text: string): Command[] {
  const commands: Command[] = [];
  let words: Word[] = [];
  const endCommand = (): void => {
    if (words.length > 0) commands.push(words);
    words = [];
  };
  for (let at = 0; at < text.length; ) {
    const char = text[at]!;
    if (char === "\n" || char === ";" || char === "|" || char === "&") {
      endCommand();
      at += 1;
    } else if (char === "\\" && /^\\\r?\n/.test(text.slice(at, at + 3))) {
      at = text.indexOf("\n", at) + 1;
    } else if (/\s/.test(char)) {
      at += 1;
    } else if (char === "#") {
      const end = text.indexOf("\n", at);
      at = end === -1 ? text.length : end;
    } else {
      const word = readWord(text, at);
      at = word.end;
      const isOpener = OPENERS.has(text.slice(word.start, word.end));
      if (isOpener) endCommand();
      else words.push(word);
    }
  }
  endCommand();
  return commands;
}

/** A word ends at a blank or at what ends a command, unless it is quoted or escaped. */
function readWord(text: string, start: number): Word {
  let bare = "";
  let at = start;
  let quote = "";
  for (; at < text.length; at += 1) {
    const char = text[at]!;
    if (quote === "" && /[\s;|&]/.test(char)) break;
    if (char === "\\" && quote !== "'" && at + 1 < text.length) {
      // A line may be joined to the next within a word as well.
      if (/^\\\r?\n/.test(text.slice(at, at + 3))) break;
      at += 1;
      bare += text[at]!;
    } else if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (char === quote) quote = "";
    else bare += char;
  }
  return { start, end: at, bare };
}
