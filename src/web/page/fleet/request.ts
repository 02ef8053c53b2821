import { textOf } from "../parts/form.ts";
import { readPairs } from "../words.ts";

/** What is booted: a boot ISO, a disc of kernel and ramdisk, or the agent that writes a disk image. */
export type Kind = "iso" | "kernel" | "write";

/** A file of the node's own, with its content. */
export interface OwnFile {
  path: string;
  contentBase64: string;
}

/** The body of `POST /v1/deployments` without its node, from the form. What was left empty is the server's usual choice. */
export function requestOf(kind: Kind, form: FormData, files: readonly OwnFile[]): object {
  const given = (name: string) => {
    const text = textOf(form, name);
    return text === "" ? {} : { [name]: text };
  };
  const minutes = textOf(form, "timeoutMinutes");
  const labels = readPairs(textOf(form, "labels"));
  return {
    ...bootOf(kind, form),
    ...(kind === "write" ? { write: writeOf(form) } : {}),
    ...given("kernelArgs"),
    ...given("userData"),
    ...given("metaData"),
    ...networkOf(form),
    ...(files.length === 0 ? {} : { files }),
    ...given("discLabel"),
    ...given("finish"),
    ...given("eject"),
    ...given("bootMode"),
    ...given("secureBoot"),
    ...given("power"),
    ...(minutes === "" ? {} : { timeoutMs: Number(minutes) * 60_000 }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(form.has("persistent") ? { bootPolicy: "persistent" } : {}),
    ...(form.has("queue") ? { whenBusy: "queue" } : {}),
  };
}

function bootOf(kind: Kind, form: FormData): object {
  if (kind === "iso") return { boot: { iso: imageOf(form, "iso") } };
  // The agent's images are the server's own unless they are given.
  if (kind === "write" && textOf(form, "kernel") === "") return {};
  const bootloader = textOf(form, "bootloader") === "" ? {} : { bootloader: imageOf(form, "bootloader") };
  return { boot: { kernel: imageOf(form, "kernel"), ramdisk: imageOf(form, "ramdisk"), ...bootloader } };
}

function imageOf(form: FormData, role: string): object {
  const checksum = textOf(form, `${role}Checksum`);
  return { url: textOf(form, role), ...(checksum === "" ? {} : { checksum }) };
}

function writeOf(form: FormData): object {
  const rootMiB = textOf(form, "rootMiB");
  const hints = readPairs(textOf(form, "rootDevice"));
  const isPartition = textOf(form, "imageKind") === "partition";
  return {
    image: { ...imageOf(form, "disk"), ...(isPartition ? { kind: "partition" } : {}) },
    ...(isPartition ? { layout: { rootMiB: Number(rootMiB) } } : {}),
    ...(Object.keys(hints).length === 0 ? {} : { rootDevice: hints }),
  };
}

/** @throws Error that says what is wrong with it */
function networkOf(form: FormData): object {
  const text = textOf(form, "networkData");
  if (text === "") return {};
  try {
    return { networkData: JSON.parse(text) as unknown };
  } catch {
    throw new Error("The network data is not JSON.");
  }
}
