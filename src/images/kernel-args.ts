import { ImageError } from "./errors.ts";

/** One argument of a kernel: `quiet`, or `console=ttyS0`. The value is as the kernel sees it, without quotes. */
export interface KernelArg {
  name: string;
  value: string | null;
}

/** As a request has it: a string to append, or what to append, remove and replace. */
export type KernelArgsRequest =
  | string
  | { append?: string | undefined; remove?: string | undefined; replace?: string | undefined };

/** A request that was read. */
export interface KernelArgsChange {
  /** Stand behind what is there, in this order. */
  append: readonly KernelArg[];
  /** `name` takes away every argument of that name, `name=value` only the one that is equal. */
  remove: readonly KernelArg[];
  /** Each takes the place of all arguments of its name, and is appended where there is none. */
  replace: readonly KernelArg[];
}

/** Linux cuts what is longer (COMMAND_LINE_SIZE of x86 and arm64, with the zero behind it). */
export const KERNEL_ARGS_MAX = 2047;

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.,:/@+-]*$/;
/** Printable, without what GRUB would escape on its way to the kernel, which takes no escapes: ' " \ */
const VALUE = /^[\x20\x21\x23-\x26\x28-\x5b\x5d-\x7e]*$/;
/** Boot loaders take these for themselves (syslinux loads what `initrd=` names). */
const RESERVED = ["initrd", "BOOT_IMAGE"];

/**
 * Reads arguments by a strict grammar, so that they stay data in every boot menu: words between blanks, each a name
 * (`A-Z a-z 0-9 _ . , : / @ + -`) or `name=value`; a value or a whole word that holds blanks stands in double quotes.
 * Nothing else may be quoted or escaped, and all is printable ASCII.
 *
 * @throws ImageError `kernel-args-invalid`, which says which word and why
 */
export function parseKernelArgs(text: string): KernelArg[] {
  if (text.length > KERNEL_ARGS_MAX)
    throw invalid(`${text.length} characters of kernel arguments are too many: at most ${KERNEL_ARGS_MAX}`);
  if (/[^\x20-\x7e\t]/.test(text))
    throw invalid("The kernel arguments hold a line break, a control character or one that is not ASCII");
  const words = text.match(/(?:"[^"]*"|[^\s"])+|"/g) ?? [];
  return words.map(readWord);
}

function readWord(word: string): KernelArg {
  if (/^-+$/.test(word)) throw isSeparator(word);
  const bare = /^"([^"]*)"$/.exec(word)?.[1] ?? word;
  const at = bare.indexOf("=");
  const name = at === -1 ? bare : bare.slice(0, at);
  const written = at === -1 ? null : bare.slice(at + 1);
  const value = bare === word && written !== null ? (/^"([^"]*)"$/.exec(written)?.[1] ?? written) : written;
  if (word.includes('"') && value === null) throw invalid(`Quotes are out of place in ${show(word)}`);
  if (!NAME.test(name))
    throw invalid(`${show(word)} is no kernel argument: its name has a forbidden character`);
  if (value !== null && !VALUE.test(value))
    throw invalid(
      `The value in ${show(word)} has a quote or backslash, which no boot loader hands on as it is`,
    );
  if (RESERVED.includes(name)) throw invalid(`${name}= is for the boot loader and cannot be given`);
  return { name, value };
}

/**
 * Reads what a request says about kernel arguments.
 *
 * @throws ImageError `kernel-args-invalid`
 */
export function readKernelArgsChange(request: KernelArgsRequest): KernelArgsChange {
  const {
    append = "",
    remove = "",
    replace = "",
  } = typeof request === "string" ? { append: request } : request;
  return {
    append: parseKernelArgs(append),
    remove: parseKernelArgs(remove),
    replace: parseKernelArgs(replace),
  };
}

/** What becomes of arguments: for each that is there what stands in its place, and what is added behind them all. */
export interface KernelArgsPlan {
  /** `"kept"`, or what takes its place: nothing, or arguments of the same name. */
  present: ("kept" | readonly KernelArg[])[];
  added: readonly KernelArg[];
}

/** Decides about arguments, for those who edit a text and must keep what is not changed as it is written. */
export function planKernelArgs(present: readonly KernelArg[], change: KernelArgsChange): KernelArgsPlan {
  const placed = new Set<string>();
  const decide = (arg: KernelArg): "kept" | readonly KernelArg[] => {
    const instead = change.replace.filter(({ name }) => name === arg.name);
    if (instead.length > 0) {
      if (placed.has(arg.name)) return [];
      placed.add(arg.name);
      return instead;
    }
    const isRemoved = change.remove.some(
      ({ name, value }) => name === arg.name && (value === null || value === arg.value),
    );
    return isRemoved ? [] : "kept";
  };
  const decided = present.map(decide);
  return {
    present: decided,
    added: [...change.replace.filter(({ name }) => !placed.has(name)), ...change.append],
  };
}

/** The arguments after the change, in order. */
export function changeKernelArgs(present: readonly KernelArg[], change: KernelArgsChange): KernelArg[] {
  const plan = planKernelArgs(present, change);
  const kept = present.flatMap((arg, index) => {
    const decided = plan.present[index]!;
    return decided === "kept" ? [arg] : decided;
  });
  return [...kept, ...plan.added];
}

/** As the kernel, syslinux, systemd-boot and ESXi read it: double quotes around a value that holds a blank. */
export function writePlainArg({ name, value }: KernelArg): string {
  if (value === null) return name;
  return /[\s]/.test(value) ? `${name}="${value}"` : `${name}=${value}`;
}

/**
 * As a word of GRUB's language: in single quotes unless every character means itself there. Unquoted, a `;` would end
 * the command and have the rest run, and `$` would be looked up.
 */
export function writeGrubArg({ name, value }: KernelArg): string {
  const word = value === null ? name : `${name}=${value}`;
  return /^[A-Za-z0-9._:/,=@%+-]+$/.test(word) ? word : `'${word}'`;
}

/** Boot menus have it between what is for this boot and what an installer hands on to the system that it installs. */
function isSeparator(word: string): ImageError {
  return new ImageError(
    `${word} is no kernel argument: installers take what stands behind it for another system`,
    {
      code: "kernel-args-invalid",
      retryable: false,
      hint: `Leave ${word} out; in a menu that has one, arguments are put before it.`,
    },
  );
}

function show(word: string): string {
  return word.length > 60 ? `${word.slice(0, 60)}…` : word;
}

function invalid(message: string): ImageError {
  return new ImageError(message, {
    code: "kernel-args-invalid",
    retryable: false,
    hint: 'Write words between blanks, such as: console=ttyS0 key="a value"; no single quotes, backslashes or line breaks.',
  });
}
