import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The first admin token: the given one, else the one in `<dataDir>/admin-token`, which is made at the first start with
 * mode 0600. The command line on the same machine reads it there by itself.
 *
 * @returns the token, and the file where people find it, null for a given one
 * @throws Error when the file is there and holds no token
 */
export function takeAdminToken(
  given: string | undefined,
  dataDir: string,
): { token: string; file: string | null; isNew: boolean } {
  if (given !== undefined) return { token: given, file: null, isNew: false };
  const file = join(dataDir, "admin-token");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    const token = `tl_${randomBytes(32).toString("base64url")}`;
    // `wx`: of two first starts at once, one makes the token and the other reads it.
    writeFileSync(file, `${token}\n`, { mode: 0o600, flag: "wx" });
    return { token, file, isNew: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return { token: readToken(file), file, isNew: false };
}

function readToken(file: string): string {
  const token = readFileSync(file, "utf8").trim();
  if (!/^tl_[\w-]{32,}$/.test(token)) {
    throw new Error(
      `${file} does not hold an admin token; remove it to have a new one made at the next start`,
    );
  }
  // Copies and backups widen the mode easily.
  chmodSync(file, 0o600);
  return token;
}
