import { cpSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeOnce } from "./cache.ts";
import { runTool } from "./tools.ts";

/** Debian's smallest kernel; it knows virtio and serial lines, which is all that a QEMU machine needs. */
const PACKAGE = "linux-image-cloud-amd64";

/** What the payload needs beyond the kernel: the network card, the disc drive and what is on a disc, the disk, and a power button that is heard. */
const MODULES = [
  "virtio_pci",
  "virtio_net",
  "ata_piix",
  "virtio_scsi",
  "sr_mod",
  "sd_mod",
  "isofs",
  "button",
  "evdev",
];

/**
 * Gives the path of a folder with Debian's kernel as `vmlinuz`, and in `modules/` the modules needed, whose order of
 * loading is in `modules/order`. Downloads the package with apt (26 MB) the first time; it is not installed.
 * @throws Error when apt cannot: mostly no network, or `apt-get update` has never run.
 */
export function getKernel(): Promise<string> {
  return makeOnce("kernel", [PACKAGE, MODULES], async (folder) => {
    const workshop = dirname(folder);
    const depends = await runTool("apt-cache", ["depends", PACKAGE]);
    const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
    if (!name) throw new Error(`apt knows no kernel behind ${PACKAGE}: run apt-get update first`);
    await runTool("apt-get", ["download", "-q", name], { cwd: workshop });
    const unpacked = join(workshop, "unpacked");
    await runTool("dpkg", ["-x", ...globSync(join(workshop, "*.deb")), unpacked]);
    const version = basename(globSync(join(unpacked, "lib/modules/*"))[0] ?? "");
    await runTool("busybox", ["depmod", "-b", unpacked, version]);
    mkdirSync(folder);
    renameSync(join(unpacked, "boot", `vmlinuz-${version}`), join(folder, "vmlinuz"));
    takeModules(join(unpacked, "lib/modules", version), join(folder, "modules"));
    rmSync(unpacked, { recursive: true });
  });
}

/** Copies the modules needed and what they need in turn, and writes down in which order they can be loaded. */
function takeModules(from: string, to: string): void {
  const paths = loadOrder(readFileSync(join(from, "modules.dep"), "utf8"), MODULES);
  mkdirSync(to);
  for (const path of paths) cpSync(join(from, path), join(to, basename(path)));
  writeFileSync(join(to, "order"), paths.map((path) => `${basename(path)}\n`).join(""));
}

/**
 * Reads depmod's `modules.dep` (a line is `path: the paths it needs, the last to be loaded first`) and gives back the
 * paths to load, each after what it needs.
 * @throws Error when a module is not there.
 */
export function loadOrder(modulesDep: string, names: readonly string[]): string[] {
  const lines = modulesDep.split("\n").map((line) => line.split(/:\s*/));
  const order = names.flatMap((name) => {
    const found = lines.find(([path]) => basename(path ?? "").split(".")[0] === name);
    if (!found) throw new Error(`the kernel has no module ${name}`);
    const needs = (found[1] ?? "").split(" ").filter((path) => path !== "");
    return [...needs.reverse(), found[0]!];
  });
  return [...new Set(order)];
}
