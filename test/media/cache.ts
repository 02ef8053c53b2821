import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, existsSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

const HOUR_MS = 60 * 60 * 1000;

/** Where made media lie: outside of the repository, in a folder of this user alone. */
export function mediaFolder(): string {
  const folder = join(tmpdir(), `trayload-media-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/**
 * Gives the path of what was made before under this name from the same ingredients, or has it made.
 *
 * It is made in a folder of its own, under the path given to `make`, and appears at once and whole, so that several
 * test runs at the same time do no harm. What other ingredients left under this name is removed after an hour.
 */
export async function makeOnce(
  name: string,
  ingredients: unknown,
  make: (path: string) => Promise<void>,
): Promise<string> {
  const key = createHash("sha256").update(JSON.stringify(ingredients)).digest("hex").slice(0, 16);
  const folder = mediaFolder();
  const path = join(folder, `${key}-${name}`);
  if (existsSync(path)) return path;
  removeOld(folder, name);
  const workshop = mkdtempSync(join(folder, "making-"));
  try {
    await make(join(workshop, name));
    settle(join(workshop, name), path);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  return path;
}

/** A folder cannot replace a folder: where another run was quicker, its work is as good. */
function settle(made: string, path: string): void {
  try {
    renameSync(made, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

function removeOld(folder: string, name: string): void {
  for (const file of readdirSync(folder)) {
    const isOurs = file.endsWith(`-${name}`) || file.startsWith("making-");
    const path = join(folder, file);
    const modified = isOurs ? statSync(path, { throwIfNoEntry: false })?.mtimeMs : undefined;
    if (modified !== undefined && modified < Date.now() - HOUR_MS)
      rmSync(path, { recursive: true, force: true });
  }
}
