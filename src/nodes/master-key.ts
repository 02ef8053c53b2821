import { randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { NodeError } from "./errors.ts";

/** A key that secrets at rest depend on. */
export interface MasterKey {
  /** 1 to 32 letters, digits, dashes or underscores; stands in everything that the key has sealed. */
  id: string;
  /** 32 random bytes. */
  bytes: Buffer;
}

const KEY_BYTES = 32;
const LINE = /^(?<id>[A-Za-z0-9_-]{1,32}):(?<base64>[A-Za-z0-9+/]+={0,2})$/;

/**
 * Reads a master key file: a line `<id>:<base64 of 32 bytes>` per key, the newest first; empty lines and lines with `#` do
 * not count. Only its owner may have access to it.
 *
 * @param create makes the file, with one key, when it is not there
 * @throws NodeError `master-key-invalid`, naming the file and what is wrong with it
 */
export function loadMasterKey(
  file: string,
  { create }: { create: boolean },
): readonly [MasterKey, ...MasterKey[]] {
  if (create) makeFile(file);
  const text = readText(file);
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const [first, ...more] = lines.flatMap((line, index) =>
    line === "" || line.startsWith("#") ? [] : [parseLine(file, line, index + 1)],
  );
  if (first === undefined) throw invalid(file, "holds no key");
  const keys = [first, ...more] as const;
  const twice = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) < index);
  if (twice !== undefined) throw invalid(file, `holds two keys with the id ${twice.id}`);
  return keys;
}

/** Several processes may start at once: whoever comes second reads what the first has made. */
function makeFile(file: string): void {
  const id = randomBytes(4).toString("hex");
  try {
    const text = `${id}:${randomBytes(KEY_BYTES).toString("base64")}\n`;
    writeFileSync(file, text, { mode: 0o600, flag: "wx", flush: true });
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
  const { id, base64 } = LINE.exec(line)?.groups ?? {};
  if (id === undefined || base64 === undefined) throw invalid(file, `is not <id>:<base64> in line ${number}`);
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== KEY_BYTES)
    throw invalid(file, `holds a key of ${bytes.length} bytes, not ${KEY_BYTES}, in line ${number}`);
  return { id, bytes };
}

function invalid(file: string, what: string, cause?: unknown): NodeError {
  return new NodeError(`the master key file ${file} ${what}`, {
    code: "master-key-invalid",
    hint: `Give a file of mode 600 with a line <id>:<base64 of ${KEY_BYTES} random bytes>; TRAYLOAD_MASTER_KEY_FILE names it.`,
    cause,
  });
}
