import { type KernelArg, type KernelArgsChange, planKernelArgs } from "../../kernel-args.ts";
import { argOf, isDivider, type Splice } from "./menu.ts";

/** A word of a command line: where it stands, and what it says without its quotes. */
export interface Word {
  start: number;
  end: number;
  bare: string;
}

/**
 * The splices that change the arguments of one command line and leave every other character as it is written.
 *
 * @param words the arguments that are there
 * @param end where the line's last word ends, or where its first would stand
 */
export function changeCommandLine(
  words: readonly Word[],
  end: number,
  change: KernelArgsChange,
  write: (arg: KernelArg) => string,
): Splice[] {
  const divider = words.findIndex(({ bare }) => isDivider(bare));
  const plan = planKernelArgs(
    words.map(({ bare }) => argOf(bare)),
    change,
  );
  const splices: Splice[] = [];
  for (const [index, { start, end: wordEnd }] of words.entries()) {
    const decided = plan.present[index]!;
    if (decided === "kept") continue;
    const text = decided.map(write).join(" ");
    splices.push({ start, end: wordEnd, text });
  }
  if (plan.added.length === 0) return splices;
  const added = plan.added.map(write).join(" ");
  if (divider === -1) return [...splices, { start: end, end, text: ` ${added}` }];
  const { start } = words[divider]!;
  return [...splices, { start, end: start, text: `${added} ` }];
}
