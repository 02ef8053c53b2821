import { homedir } from "node:os";
import { basename, join } from "node:path";
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { showBytes } from "../../client/index.ts";
import { readConfig } from "../../config.ts";
import { type Arch, ImageError, pushArtefact, type PushedPart } from "../../images/index.ts";
import { CommandError, EXIT, usageError } from "../exit.ts";
import type { Shell } from "../shell.ts";

const NOTES = `
Each --arch takes the files for one kind of machine, as PATH or NAME=PATH; a deployment asks for one of them by its name,
as member. Credentials are those of TRAYLOAD_OCI_AUTH_FILE, else of docker login (~/.docker/config.json).

Example:
  trayload image push oci://registry.example/agent:2 --arch x86_64 kernel=ipa.kernel ramdisk=ipa.initramfs \\
    --arch aarch64 kernel=arm64/ipa.kernel ramdisk=arm64/ipa.initramfs`;

const ARCHES: Record<string, Arch> = {
  x86_64: "x86_64",
  amd64: "x86_64",
  aarch64: "aarch64",
  arm64: "aarch64",
};

export function addImagePushCommand(image: Command, shell: Shell): void {
  image
    .command("push")
    .description("make a multi-architecture artefact of files, in a registry")
    .argument("<url>", "oci://host[:port]/repository[:tag]")
    .requiredOption(
      "--arch <arch-and-files...>",
      "x86_64 or aarch64, and the files for it; repeat it for another",
    )
    .addHelpText("after", NOTES)
    .action(async (url: string, { arch }: { arch: string[] }) => {
      const parts = readParts(arch);
      const pushed = await push(shell, url, parts);
      shell.show(pushed, () => [pushed.url]);
    });
}

/** Commander gives the values of a repeated option as one list. */
function readParts(words: string[]): PushedPart[] {
  const parts: PushedPart[] = [];
  for (const word of words) {
    const arch = Object.hasOwn(ARCHES, word) ? ARCHES[word] : undefined;
    if (arch !== undefined) parts.push({ arch, files: [] });
    else if (parts.length === 0)
      throw usageError(
        `--arch begins with x86_64 or aarch64, not with ${word}`,
        "Put the architecture before its files.",
      );
    else parts.at(-1)!.files.push(readFile(word));
  }
  for (const { arch, files } of parts) {
    if (files.length === 0) throw usageError(`--arch ${arch} names no file`);
    if (parts.filter((part) => part.arch === arch).length > 1)
      throw usageError(`--arch ${arch} is given twice`);
    if (new Set(files.map(({ title }) => title)).size < files.length)
      throw usageError(
        `two files for ${arch} have the same name`,
        "Give each a name of its own, as NAME=PATH.",
      );
  }
  return parts;
}

function readFile(word: string): { path: string; title: string } {
  const [, title, path] = /^([A-Za-z0-9._-]+)=(.+)$/.exec(word) ?? [];
  return path === undefined || title === undefined ? { path: word, title: basename(word) } : { path, title };
}

async function push(shell: Shell, url: string, parts: PushedPart[]) {
  const { oci, proxies } = readConfig(shell.terminal.env).images;
  const docker = join(shell.terminal.env["HOME"] ?? homedir(), ".docker", "config.json");
  const authFile = oci.authFile ?? (existsSync(docker) ? docker : undefined);
  const interrupted = new AbortController();
  const forget = shell.terminal.onInterrupt(() => interrupted.abort());
  try {
    return await pushArtefact({
      url,
      parts,
      settings: { ...oci, authFile },
      proxies,
      signal: interrupted.signal,
      onFile: (title, sizeBytes, wasThere) =>
        shell.isJson
          ? undefined
          : shell.note(`${title}  ${showBytes(sizeBytes)}${wasThere ? "  (was there already)" : ""}`),
    });
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const exit = interrupted.signal.aborted ? EXIT.interrupted : EXIT.failed;
    throw new CommandError(error.message, { exit, code: error.code, hint: error.hint, cause: error });
  } finally {
    forget();
  }
}
