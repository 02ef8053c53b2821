import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspectIso, patchIso, readKernelArgsChange } from "../src/images/index.ts";
import { RED_HAT } from "../test/images/patch/families.ts";
import { buildIso } from "../test/images/patch/fixture.ts";
import { type Spread, spread } from "./figures.ts";

export interface PatchedOptions {
  nodes: number;
  /** Of the ISO that the discs are laid over. */
  isoMib: number;
  /** How many of the discs xorriso makes too. */
  sample: number;
}

export interface PatchedResult {
  patchMs: Spread;
  /** As a database keeps them, without what the node's own files hold. */
  patchedBytesPerNode: number;
  /** The same for an ISO a tenth and four times the size. */
  patchedBySize: { isoMib: number; patchMs: Spread; patchedBytesPerNode: number }[];
  /** Xorriso making the same change to a copy. */
  xorrisoPatchMs: Spread;
  xorrisoPatchBytesPerNode: number;
}

const MIB = 1024 * 1024;
/** ISO 9660 of level 3 has files of 4 GiB and more. */
const LEVEL = ["-R", "-J", "-iso-level", "3"];

/** Lays arguments and a kickstart of its own over one installer ISO for each of many nodes, beside xorriso. */
export async function benchPatched(options: PatchedOptions, folder: string): Promise<PatchedResult> {
  const measure = async (isoMib: number, name: string) =>
    patchAll(options.nodes, await make(folder, name, isoMib));
  const iso = await make(folder, "own", options.isoMib);
  const own = await patchAll(options.nodes, iso);
  const patchedBySize: PatchedResult["patchedBySize"] = [];
  for (const factor of [0.1, 4]) {
    const isoMib = Math.ceil(options.isoMib * factor);
    patchedBySize.push({ isoMib, ...(await measure(isoMib, `times-${factor}`)) });
    rmSync(join(folder, `times-${factor}`), { recursive: true });
  }
  return { ...own, patchedBySize, ...xorrisoAll(options.sample, iso, folder) };
}

/** An installer ISO of the Red Hat family, most of which is one large file. @returns its path */
async function make(folder: string, name: string, isoMib: number): Promise<string> {
  mkdirSync(join(folder, name));
  const path = join(folder, name, "base.iso");
  await buildIso({ ...RED_HAT, options: LEVEL, sparse: { "images/install.img": isoMib * MIB } }, path);
  return path;
}

const kickstartOf = (node: number): string =>
  `network --hostname=rack1-u${node}\n${"# of this node alone\n".repeat(50)}`;
const argsOf = (node: number): string => `inst.ks=cdrom:/ks.cfg console=ttyS0 node=rack1-u${node}`;

async function patchAll(nodes: number, path: string) {
  // As the store would say it: what it is called does not matter here, and to hash it would take long.
  const image = { digest: `sha256:${"c".repeat(64)}`, sizeBytes: statSync(path).size, path };
  const times: number[] = [];
  let bytes = 0;
  for (let node = 0; node < nodes; node += 1) {
    const content = Buffer.from(kickstartOf(node));
    const begun = performance.now();
    const changes = { kernelArgs: readKernelArgsChange(argsOf(node)), files: [{ path: "/ks.cfg", content }] };
    const { disc } = await patchIso(image, await inspectIso(path), changes, `disc_${node}`);
    times.push(performance.now() - begun);
    bytes += Buffer.byteLength(JSON.stringify(disc)) - Math.ceil((content.length * 4) / 3);
  }
  return { patchMs: spread(times), patchedBytesPerNode: Math.round(bytes / nodes) };
}

/** The usual way: a changed copy of the whole image, its boot menus replaced one by one. */
function xorrisoAll(sample: number, base: string, folder: string) {
  const times: number[] = [];
  const [menu, kickstart, iso] = ["menu", "ks", "node.iso"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  let bytes = 0;
  for (let node = 0; node < sample; node += 1) {
    const begun = performance.now();
    const files = RED_HAT.files as Record<string, string>;
    writeFileSync(menu, files["EFI/BOOT/grub.cfg"]!.replaceAll(" quiet", ` quiet ${argsOf(node)}`));
    writeFileSync(kickstart, kickstartOf(node));
    const maps = ["-map", menu, "/EFI/BOOT/grub.cfg", "-map", kickstart, "/ks.cfg"];
    execFileSync("xorriso", ["-indev", base, "-outdev", iso, "-boot_image", "any", "replay", ...maps], {
      stdio: "ignore",
    });
    times.push(performance.now() - begun);
    bytes += statSync(iso).size;
    rmSync(iso);
  }
  return { xorrisoPatchMs: spread(times), xorrisoPatchBytesPerNode: Math.round(bytes / sample) };
}
