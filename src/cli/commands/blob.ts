import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { showBytes } from "../../client/index.ts";
import { usageError } from "../exit.ts";
import type { Shell } from "../shell.ts";

const NOTES = `
Up to 64 MiB, kept for a day or as long as a deployment that names it needs it: {blob: ID} in its files or documents.

Example:
  trayload blob add drivers.tar`;

/** Parts of requests that are sent ahead of them. */
export function addBlobCommands(program: Command, shell: Shell): void {
  const blob = program.command("blob").description("large parts of deployments, sent ahead of them");
  blob
    .command("add")
    .description("send a file ahead, and show what to name it by")
    .argument("<file>", "the bytes themselves")
    .addHelpText("after", NOTES)
    .action(async (file: string) => {
      const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
        throw usageError(`${file} cannot be read (${error.code})`);
      });
      const added = await (await shell.connect()).upload<Added>("/v1/blobs", bytes);
      shell.show(added, () => [`${added.blob}  ${showBytes(added.sizeBytes)}, until ${added.expiresAt}`]);
    });
}

interface Added {
  blob: string;
  sizeBytes: number;
  expiresAt: string;
}
