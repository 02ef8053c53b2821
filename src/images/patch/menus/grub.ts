import { writeGrubArg } from "../../kernel-args.ts";
import { changeCommandLine } from "./command-line.ts";
import { type Command, readCommands } from "./grub-words.ts";
import { isOtherProgram, type MenuKind, splice, type Splice } from "./menu.ts";

/** Commands that take a kernel and its arguments; distributions have names of their own for `linux`. */
const STARTS = ["linux", "linuxefi", "linux16", "linux$sfx", "linux${sfx}", "$linux", "${linux}"];

/** Those of GRUB: `grub.cfg`, and the files that it loads. */
export const GRUB: MenuKind = {
  name: "grub",
  isOne: (path, text) =>
    !/^\s*label\s+\S/im.test(text) && /\.(cfg|conf)$/i.test(path) && readCommands(text).some(startsKernel),
  change(text, change) {
    const commands = readCommands(text);
    const lines = commands.filter(startsKernel);
    const splices = lines.flatMap((words) =>
      changeCommandLine(words.slice(2), words.at(-1)!.end, change.args, writeGrubArg),
    );
    const timed = change.timeoutS === null ? [] : setTimeout(commands, change.timeoutS);
    return { text: splice(text, [...splices, ...timed]), entries: lines.length };
  },
};

function startsKernel(words: Command): boolean {
  const [command, kernel] = words;
  return (
    command !== undefined &&
    STARTS.includes(command.bare) &&
    kernel !== undefined &&
    !isOtherProgram(kernel.bare)
  );
}

/** Every `set timeout` there is, or one before everything else where there is a menu without one. */
function setTimeout(commands: readonly Command[], timeoutS: number): Splice[] {
  const set = commands.flatMap(([command, setting]) => {
    // An assignment may stand alone, as in a shell.
    const word = command?.bare === "set" ? setting : command;
    return word !== undefined && word.bare.startsWith("timeout=") ? [word] : [];
  });
  const text = `timeout=${timeoutS}`;
  if (set.length > 0) return set.map(({ start, end }) => ({ start, end, text }));
  const hasMenu = commands.some(([command]) => command?.bare === "menuentry");
  return hasMenu ? [{ start: 0, end: 0, text: `set ${text}\n` }] : [];
}
