import { join } from "node:path";
import type { Command } from "commander";
import type { UpkeepAnswer } from "../../client/index.ts";
import { asCommandError, CommandError, EXIT } from "../exit.ts";
import { readServerConfig } from "../server.ts";
import type { Shell } from "../shell.ts";
import { table } from "../words.ts";

const ROTATE_NOTES = `
Servers that read this file take the new key within seconds and seal anew what older keys have sealed; nothing is restarted.
Where servers on several machines have a copy of the file each, do it in two halves:
  trayload key rotate --prepare     then bring the file to all of them
  trayload key rotate               then bring it to all of them again
When trayload key list shows that the old key has sealed nothing more, and no deployment runs: trayload key remove ID.`;

const REMOVE_NOTES = `
Refused while anything is sealed under it, and, for the key that disc paths are derived from, while a deployment runs.
A backup from before needs the old key to be read: keep it with the backup.`;

export function addKeyCommands(program: Command, shell: Shell): void {
  const key = program
    .command("key")
    .description("the master keys of this machine's server, which seal secrets at rest");
  key
    .command("list")
    .description("show the keys, and how many secrets each has sealed")
    .action(async () => {
      const { keys } = await readUpkeep(shell);
      shell.show({ items: keys }, () =>
        table([
          ["KEY", "DOES", "SEALED"],
          ...keys.map(({ id, does, sealed }) => [id, does.join(", "), String(sealed)]),
        ]),
      );
    });
  key
    .command("rotate")
    .description("put a new key into the master key file, which seals from now on")
    .option("--prepare", "the new key only opens yet, until the next rotate")
    .addHelpText("after", ROTATE_NOTES)
    .action(async ({ prepare }: { prepare?: boolean }) => {
      const file = await keyFile(shell);
      const { rotateMasterKey } = await import("../../nodes/index.ts");
      const id = told(() => rotateMasterKey(file, { isFirstHalf: prepare === true }));
      shell.show({ id, file, seals: prepare !== true }, () => [
        prepare === true ? `key ${id} is in ${file}, and waits` : `key ${id} seals from now on (${file})`,
        prepare === true
          ? "  bring the file to every server, then: trayload key rotate"
          : "  next: trayload key list",
      ]);
    });
  key
    .command("remove")
    .description("take a key that nothing is sealed under out of the master key file")
    .argument("<key>", "its id")
    .addHelpText("after", REMOVE_NOTES)
    .action(async (id: string) => {
      await refuseUsed(shell, id);
      const file = await keyFile(shell);
      const { removeMasterKey } = await import("../../nodes/index.ts");
      told(() => removeMasterKey(file, id));
      shell.show({ removed: id }, () => [`removed ${id}`]);
    });
}

async function refuseUsed(shell: Shell, id: string): Promise<void> {
  const { keys, open } = await readUpkeep(shell);
  const key = keys.find((one) => one.id === id);
  const why =
    key === undefined
      ? "the server knows no such key"
      : key.sealed > 0
        ? `${key.sealed} secrets are sealed under it`
        : key.does.includes("derives") && open > 0
          ? `${open} deployments and operations that have not ended have disc paths derived from it`
          : undefined;
  if (why !== undefined)
    throw new CommandError(`the key ${id} stays: ${why}`, { exit: EXIT.failed, code: "key-in-use" });
}

async function readUpkeep(shell: Shell): Promise<UpkeepAnswer> {
  const client = await shell.connect();
  return (await client.call<UpkeepAnswer>("GET", "/v1/upkeep")).body;
}

async function keyFile({ terminal }: Shell): Promise<string> {
  const { masterKeyFile, dataDir } = await readServerConfig(terminal.env);
  return masterKeyFile ?? join(dataDir, "master-key");
}

function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asCommandError(error, "NodeError");
  }
}
