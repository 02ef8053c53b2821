import { writePlainArg } from "../../kernel-args.ts";
import { changeCommandLine, type Word } from "./command-line.ts";
import { isOtherProgram, type MenuKind, splice, type Splice } from "./menu.ts";

/** One line: a directive in any case, and what stands behind it. */
interface Line {
  keyword: string;
  value: string;
  valueAt: number;
  start: number;
  end: number;
}

/** An entry, or what stands before the first one and holds for all. */
interface Section {
  label: string | undefined;
  kernel: Line | undefined;
  appends: Line[];
}

const STARTS = ["kernel", "linux"];
const MAIN_FILES = /(^|\/)(isolinux|syslinux)\.cfg$|(^|\/)extlinux\.conf$/i;

/** Those of isolinux and syslinux: `isolinux.cfg`, and the files that it includes (syslinux wiki, "Config"). */
export const SYSLINUX: MenuKind = {
  name: "syslinux",
  isOne: (path, text) =>
    /\.(cfg|conf)$/i.test(path) &&
    !/^\s*(menuentry|set)\s/m.test(text) &&
    (MAIN_FILES.test(path) || /^\s*label\s+\S/im.test(text)),
  change(text, change) {
    const lines = readLines(text);
    const sections = readSections(lines);
    const hasGlobal = sections[0]!.appends.length > 0;
    const entries = sections.slice(1).filter(startsKernel);
    const targets = hasGlobal ? [sections[0]!, ...entries] : entries;
    const splices = targets.flatMap((section) => {
      const append = section.appends.at(-1);
      if (append !== undefined) return changeAppend(append, change.args);
      return hasGlobal ? [] : insertAppend(section.kernel!, change.args, text);
    });
    const timed = change.timeoutS === null ? [] : setTimeout(lines, change.timeoutS);
    const chosen = change.timeoutS === null ? [] : chooseKernel(lines, sections);
    return { text: splice(text, [...splices, ...timed, ...chosen]), entries: entries.length };
  },
};

function readLines(text: string): Line[] {
  return Array.from(text.matchAll(/^([ \t]*)([A-Za-z0-9]+)([ \t]+)?([^\r\n]*)/gm), (match) => {
    const [whole, indent = "", keyword = "", blank = "", value = ""] = match;
    const valueAt = match.index + indent.length + keyword.length + blank.length;
    return {
      keyword: keyword.toLowerCase(),
      value,
      valueAt,
      start: match.index,
      end: match.index + whole.length,
    };
  });
}

function readSections(lines: readonly Line[]): Section[] {
  const sections: Section[] = [{ label: undefined, kernel: undefined, appends: [] }];
  for (const line of lines) {
    const section = sections.at(-1)!;
    if (line.keyword === "label") sections.push({ label: line.value.trim(), kernel: undefined, appends: [] });
    else if (line.keyword === "append") section.appends.push(line);
    else if ([...STARTS, "com32", "boot", "config", "localboot"].includes(line.keyword))
      section.kernel ??= line;
  }
  return sections;
}

function startsKernel({ kernel }: Section): boolean {
  return (
    kernel !== undefined &&
    STARTS.includes(kernel.keyword) &&
    !isOtherProgram(kernel.value.trim().split(/\s/)[0]!)
  );
}

type Change = Parameters<MenuKind["change"]>[1]["args"];

function changeAppend(append: Line, change: Change): Splice[] {
  const words = wordsOf(append.value, append.valueAt);
  // A lone hyphen says: nothing, not even what holds for all.
  if (words.length === 1 && words[0]!.bare === "-") {
    const args = [...change.replace, ...change.append].map(writePlainArg).join(" ");
    return args === "" ? [] : [{ start: words[0]!.start, end: words[0]!.end, text: args }];
  }
  return changeCommandLine(words, words.at(-1)?.end ?? append.end, change, writePlainArg);
}

function insertAppend(kernel: Line, change: Change, text: string): Splice[] {
  const args = [...change.replace, ...change.append].map(writePlainArg).join(" ");
  if (args === "") return [];
  const newline = text.slice(kernel.end, kernel.end + 2) === "\r\n" ? "\r\n" : "\n";
  return [{ start: kernel.end, end: kernel.end, text: `${newline}  append ${args}` }];
}

/** Words are between blanks; double quotes are the kernel's affair, but hold a word together. */
export function wordsOf(value: string, valueAt: number): Word[] {
  return Array.from(value.matchAll(/(?:"[^"]*"|[^\s"]|")+/g), (match) => {
    const start = valueAt + match.index;
    return { start, end: start + match[0].length, bare: match[0] };
  });
}

/** Tenths of a second. A time of nought waits for ever, and so does a menu without one. */
function setTimeout(lines: readonly Line[], timeoutS: number): Splice[] {
  const text = String(Math.max(timeoutS * 10, 1));
  const set = lines.filter(({ keyword }) => keyword === "timeout");
  if (set.length > 0) return set.map(({ valueAt, end }) => ({ start: valueAt, end, text }));
  const hasDefault = lines.some(({ keyword }) => keyword === "default" || keyword === "ui");
  return hasDefault ? [{ start: 0, end: 0, text: `timeout ${text}\n` }] : [];
}

/** A default that starts the disk would never come to the entries with the arguments; the first kernel takes its place. */
function chooseKernel(lines: readonly Line[], sections: readonly Section[]): Splice[] {
  const named = lines.find(({ keyword }) => keyword === "default");
  const section = sections.find(({ label }) => label !== undefined && label === named?.value.trim());
  const first = sections.find(startsKernel)?.label;
  if (named === undefined || section === undefined || first === undefined || startsKernel(section)) return [];
  return [{ start: named.valueAt, end: named.end, text: first }];
}
