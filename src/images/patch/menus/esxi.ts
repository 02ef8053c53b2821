import { writePlainArg } from "../../kernel-args.ts";
import { changeCommandLine } from "./command-line.ts";
import { type MenuKind, splice } from "./menu.ts";
import { wordsOf } from "./syslinux.ts";

/** ESXi's `boot.cfg`: one line `kernelopt=` to its end, verbatim; every other line must stay. */
export const ESXI: MenuKind = {
  name: "esxi",
  isOne: (path, text) => /(^|\/)boot\.cfg$/i.test(path) && /^kernelopt[ \t]*=/m.test(text),
  change(text, change) {
    const lines = Array.from(text.matchAll(/^(kernelopt[ \t]*=[ \t]*)([^\r\n]*)/gm));
    const splices = lines.flatMap((line) => {
      const start = line.index + line[1]!.length;
      const words = wordsOf(line[2]!, start);
      const end = words.at(-1)?.end ?? start;
      return changeCommandLine(words, end, change.args, writePlainArg);
    });
    const timeout = /^timeout[ \t]*=[ \t]*[^\r\n]*/m.exec(text);
    if (change.timeoutS !== null && timeout !== null)
      splices.push({
        start: timeout.index,
        end: timeout.index + timeout[0].length,
        text: `timeout=${change.timeoutS}`,
      });
    return { text: splice(text, splices), entries: lines.length };
  },
};
