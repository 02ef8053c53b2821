import { writePlainArg } from "../../kernel-args.ts";
import { changeCommandLine } from "./command-line.ts";
import { type MenuKind, splice } from "./menu.ts";
import { wordsOf } from "./syslinux.ts";

/** Entries of systemd-boot (Boot Loader Specification, type 1): `loader/entries/*.conf`, one system each. */
export const SYSTEMD_BOOT: MenuKind = {
  name: "systemd-boot",
  isOne: (path, text) => /(^|\/)loader\/entries\/[^/]+\.conf$/i.test(path) && /^\s*linux\s/m.test(text),
  change(text, change) {
    const options = Array.from(text.matchAll(/^([ \t]*options[ \t]+)([^\r\n]*)/gm));
    const last = options.at(-1);
    if (last === undefined) {
      const args = [...change.args.replace, ...change.args.append].map(writePlainArg).join(" ");
      const gap = text.endsWith("\n") ? "" : "\n";
      return { text: args === "" ? text : `${text}${gap}options ${args}\n`, entries: 1 };
    }
    const splices = options.flatMap((line) => {
      const start = line.index + line[1]!.length;
      const words = wordsOf(line[2]!, start);
      const args = line === last ? change.args : { ...change.args, append: [], replace: [] };
      return changeCommandLine(words, words.at(-1)?.end ?? start, args, writePlainArg);
    });
    return { text: splice(text, splices), entries: 1 };
  },
};

/** `loader.conf`: seconds until the default entry starts. */
export function setLoaderTimeout(text: string, timeoutS: number): string {
  const line = /^[ \t]*timeout[ \t]+[^\r\n]*/m;
  if (line.test(text)) return text.replace(line, `timeout ${timeoutS}`);
  return `timeout ${timeoutS}\n${text}`;
}
