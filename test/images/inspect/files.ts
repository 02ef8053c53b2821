import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FoundImage, inspectImage } from "../../../src/images/index.ts";

/** A folder of files that are inspected, gone at the end of the tests that asked for it. */
export interface Files {
  path(name: string): string;
  inspect(bytes: Uint8Array): Promise<FoundImage>;
}

/** Call inside `describe`. */
export function useFiles(): Files {
  let folder: string;
  let made = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "trayload-inspect-"));
  });
  after(() => rm(folder, { recursive: true }));
  return {
    path: (name) => join(folder, name),
    async inspect(bytes) {
      // A name that lies, as names may.
      const path = join(folder, `${(made += 1)}.iso`);
      await writeFile(path, bytes);
      return inspectImage(path);
    },
  };
}
