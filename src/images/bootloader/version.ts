import { stat } from "node:fs/promises";

/** Changes with any of these files. */
export async function versionOf(paths: readonly string[]): Promise<string> {
  const versions = paths.map(async (path) => {
    const { size, mtimeMs } = await stat(path);
    return `${path} ${size} ${mtimeMs}`;
  });
  return (await Promise.all(versions)).join("\n");
}
