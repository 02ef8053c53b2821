import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { NodeError } from "./errors.ts";

/** A key that secrets at rest depend on. */
export interface MasterKey {
  /** 1 to 32 letters, digits, dashes or underscores; stands in everything that the key has sealed. */
  id: string;
  /** 32 random bytes. */
  bytes: Buffer;
  /** Only opens yet: it waits until every process has it. */
  isNext?: true;
}

/** At least one of which seals; the newest first. */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]];

const KEY_BYTES = 32;
const LINE = /^(?<next>next )?(?<id>[A-Za-z0-9_-]{1,32}):(?<base64>[A-Za-z0-9+/]+={0,2})$/;

/**
 * Reads a master key file: a line `<id>:<base64 of 32 bytes>` per key, the newest first; empty lines and lines with `#` do
 * not count, and a key with `next ` before it only opens yet. Only its owner may have access to it.
 *
 * @param create makes the file, with one key, when it is not there
 * @throws NodeError `master-key-invalid`, naming the file and what is wrong with it
 */
export function loadMasterKey(file: string, { create }: { create: boolean }): MasterKeys {
  if (create) makeFile(file);
  const text = readText(file);
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const [first, ...more] = lines.flatMap((line, index) =>
    line === "" || line.startsWith("#") ? [] : [parseLine(file, line, index + 1)],
  );
  if (first === undefined) throw invalid(file, "holds no key");
  if ([first, ...more].every(({ isNext }) => isNext === true)) throw invalid(file, "holds no key that seals");
  const keys = [first, ...more] as const;
  const twice = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) < index);
  if (twice !== undefined) throw invalid(file, `holds two keys with the id ${twice.id}`);
  return keys;
}

/**
 * Puts a new key before those of the file, which seals from now on; or, as the first half of that, one that only opens until
 * the second call, so that the file can be brought to other machines before anything is sealed under it.
 *
 * @returns the id of the key that was added or begins to seal
 * @throws NodeError `master-key-invalid`
 */
export function rotateMasterKey(file: string, { isFirstHalf }: { isFirstHalf: boolean }): string {
  const keys = loadMasterKey(file, { create: false });
  const waiting = keys.find(({ isNext }) => isNext === true);
  const lines = readText(file).split(/\r?\n/);
  if (waiting !== undefined && isFirstHalf)
    throw invalid(file, `holds a key that waits already, ${waiting.id}`);
  if (waiting !== undefined) {
    const marked = `next ${waiting.id}:`;
    replaceFile(
      file,
      lines.map((line) => (line.trim().startsWith(marked) ? line.trim().slice("next ".length) : line)),
    );
    return waiting.id;
  }
  const { id, line } = makeLine();
  replaceFile(file, [isFirstHalf ? `next ${line}` : line, ...lines]);
  return id;
}

/**
 * Takes a key out of the file. What was sealed under it can never be opened again.
 *
 * @throws NodeError `master-key-invalid` when it is not there, or no key that seals would be left
 */
export function removeMasterKey(file: string, id: string): void {
  const keys = loadMasterKey(file, { create: false });
  if (!keys.some((key) => key.id === id)) throw invalid(file, `holds no key ${id}`);
  if (keys.every((key) => key.id === id || key.isNext === true))
    throw invalid(file, `has no other key than ${id} that seals`);
  const isIt = (line: string) => LINE.exec(line.trim())?.groups?.["id"] === id;
  replaceFile(
    file,
    readText(file)
      .split(/\r?\n/)
      .filter((line) => !isIt(line)),
  );
}

function makeLine(): { id: string; line: string } {
  const id = randomBytes(4).toString("hex");
  return { id, line: `${id}:${randomBytes(KEY_BYTES).toString("base64")}` };
}

/** In one move, so that whoever reads finds the old file or the new one. */
function replaceFile(file: string, lines: string[]): void {
  const made = `${file}.new`;
  try {
    writeFileSync(made, `${lines.join("\n").trimEnd()}\n`, { mode: 0o600, flush: true });
    renameSync(made, file);
  } catch (error) {
    throw invalid(file, "could not be written", error);
  }
}

/** Several processes may start at once: whoever comes second reads what the first has made. */
function makeFile(file: string): void {
  try {
    writeFileSync(file, `${makeLine().line}\n`, { mode: 0o600, flag: "wx", flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw invalid(file, "could not be made", error);
  }
}

function readText(file: string): string {
  try {
    // Windows has no such modes; there the folder's rights must do.
    const mode = statSync(file).mode & 0o777;
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw invalid(file, `can be read by others: its mode is ${mode.toString(8)}, not 600`);
    return readFileSync(file, "utf8");
  } catch (error) {
    throw error instanceof NodeError ? error : invalid(file, "could not be read", error);
  }
}

function parseLine(file: string, line: string, number: number): MasterKey {
  const { next, id, base64 } = LINE.exec(line)?.groups ?? {};
  if (id === undefined || base64 === undefined) throw invalid(file, `is not <id>:<base64> in line ${number}`);
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== KEY_BYTES)
    throw invalid(file, `holds a key of ${bytes.length} bytes, not ${KEY_BYTES}, in line ${number}`);
  return { id, bytes, ...(next === undefined ? {} : { isNext: true }) };
}

function invalid(file: string, what: string, cause?: unknown): NodeError {
  return new NodeError(`the master key file ${file} ${what}`, {
    code: "master-key-invalid",
    hint: `Give a file of mode 600 with a line <id>:<base64 of ${KEY_BYTES} random bytes>; TRAYLOAD_MASTER_KEY_FILE names it.`,
    cause,
  });
}
