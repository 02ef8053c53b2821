import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Command, Option } from "commander";
import { usageError } from "../exit.ts";
import { parseLabel } from "../words.ts";
import { defined } from "./node-options.ts";

/** What is said on the command line of a disk image that the agent writes. */
export interface WriteOptions {
  image?: string;
  imageChecksum?: string;
  imageFormat?: string;
  rootDevice?: Record<string, string>;
  configDrive?: string;
}

export function addWriteOptions(deploy: Command): void {
  deploy
    .optionsGroup("What the agent writes:")
    .option("--image <url>", "a disk image; https://…, oci://…, or a file that the server may read")
    .option("--image-checksum <checksum>", "of the disk image: sha256:…, or bare hex")
    .addOption(new Option("--image-format <format>", "must be what it is").choices(["raw", "qcow2"]))
    .option(
      "--root-device <hint=value>",
      "which disk: serial=…, size='>= 200'; repeat it, all must fit",
      parseLabel,
    )
    .option("--config-drive <file>", "a ready config drive, on this machine");
}

type Given = Record<string, unknown> & { write?: { image?: object; rootDevice?: object } };

/** The part of a request that is about the disk; what is said on the command line wins over what was given. */
export function writeOf(options: WriteOptions, { write = {} }: Given): { write?: object } {
  const { image, imageChecksum, imageFormat, rootDevice, configDrive } = options;
  const named = defined({
    url: image === undefined ? undefined : imageUrl("--image", image),
    checksum: imageChecksum,
    format: imageFormat,
  });
  const drive = configDrive === undefined ? undefined : { contentBase64: contentOf(configDrive) };
  const said = {
    ...(Object.keys(named).length === 0 ? {} : { image: { ...write.image, ...named } }),
    ...(rootDevice === undefined ? {} : { rootDevice: { ...write.rootDevice, ...rootDevice } }),
    ...(drive === undefined ? {} : { configDrive: drive }),
  };
  return Object.keys(said).length === 0 ? {} : { write: { ...write, ...said } };
}

function contentOf(path: string): string {
  try {
    return readFileSync(path).toString("base64");
  } catch {
    throw usageError(`--config-drive ${path} cannot be read`);
  }
}

/** A path is what a person types for a file on the server's own machine. */
export function imageUrl(option: string, text: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return text;
  if (!existsSync(text)) throw usageError(`${option} ${text} is neither a URL nor a file`);
  return pathToFileURL(resolve(text)).href;
}
