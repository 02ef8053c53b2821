import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlobIndex } from "../src/database/index.ts";
import {
  type Bootloader,
  type ComposedDisc,
  composeDisc,
  createBootloaders,
  createImageStore,
  ImageError,
  type StoredImage,
} from "../src/images/index.ts";
import { getPackages, SIGNED_BOOTLOADER } from "../test/media/packages.ts";
import { type Spread, spread } from "./figures.ts";
import { benchPatched, type PatchedResult } from "./patched.ts";
import { fill } from "./files.ts";

export interface DiscsOptions {
  nodes: number;
  kernelMib: number;
  ramdiskMib: number;
  /** Of the ISO that discs are laid over. */
  isoMib: number;
  /** How many of the discs xorriso makes too. */
  sample: number;
}

export interface DiscsResult extends PatchedResult {
  composeMs: Spread;
  /** As a database keeps them: description and own blocks. Without what the node's own files hold, see `ownFileBytes`. */
  bytesPerNode: number;
  ownFileBytes: number;
  /** The same for a ramdisk a tenth and ten times the size. */
  bySize: { ramdiskMib: number; composeMs: Spread; bytesPerNode: number }[];
  /** Xorriso making the same disc as a file. */
  xorrisoMs: Spread;
  xorrisoBytesPerNode: number;
}

const MIB = 1024 * 1024;
const HOLDER = "bench";

/** Composes discs of one kernel and one ramdisk, each with files and arguments of its own, beside xorriso. */
export async function benchDiscs(options: DiscsOptions, tell: (line: string) => void): Promise<DiscsResult> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-discs-"));
  const store = createImageStore({
    openIndex: openBlobIndex,
    folder: join(folder, "store"),
    capBytes: 1024 ** 4,
    allow: ["/"],
  });
  try {
    const x86_64 = await getPackages("bootloader", SIGNED_BOOTLOADER);
    const bootloader = await createBootloaders({ store, settings: { x86_64 } }).prepare("x86_64", HOLDER);
    tell(`composing ${options.nodes} discs`);
    const measured = (ramdiskMib: number) => composeAll(options, bootloader, ramdiskMib);
    const own = measured(options.ramdiskMib);
    const bySize = [0.1, 10].map((factor) => {
      const ramdiskMib = options.ramdiskMib * factor;
      return { ramdiskMib, ...measured(ramdiskMib) };
    });
    tell(`having xorriso make ${options.sample} of them`);
    const xorriso = xorrisoAll(options, bootloader, folder);
    tell(`laying ${options.nodes} discs over an ISO, and over a smaller and a larger one`);
    const patched = await benchPatched(options, folder);
    return { ...own, ownFileBytes: ownFileBytes(), bySize, ...xorriso, ...patched };
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

/** What one node is given: its network, and a key. */
function filesOf(node: number) {
  const link = {
    id: "eth0",
    type: "phy",
    ethernet_mac_address: `52:54:00:${node.toString(16).padStart(6, "0")}`,
  };
  const networkData = JSON.stringify({ links: [link], networks: [], services: [] });
  return [
    { path: "/openstack/latest/network_data.json", content: Buffer.from(networkData) },
    { path: "/etc/node-key", content: Buffer.from(`node ${node} `.padEnd(1024, "k")) },
  ];
}

const ownFileBytes = (): number => filesOf(0).reduce((total, { content }) => total + content.length, 0);
const argsOf = (node: number): string =>
  `console=ttyS0 node=rack1-u${node} ipa-api-url=http://10.0.0.1/a/${node}`;

function composeAll({ nodes, kernelMib }: DiscsOptions, bootloader: Bootloader, ramdiskMib: number) {
  const image = (name: string, mib: number): StoredImage => ({
    digest: `sha256:${name.padEnd(64, "0")}`,
    sizeBytes: mib * MIB,
    path: "/never/read",
  });
  const kernel = image("a", kernelMib);
  const ramdisk = image("b", ramdiskMib);
  const times: number[] = [];
  let bytes = 0;
  for (let node = 0; node < nodes; node += 1) {
    const files = filesOf(node);
    const begun = performance.now();
    const disc = composeDisc({
      kernel,
      ramdisk,
      bootloader,
      kernelArgs: argsOf(node),
      files,
      ramdiskFiles: files,
    });
    times.push(performance.now() - begun);
    // Base64 is how bytes of its own are kept; its own files are in there twice, on the disc and in the archive.
    bytes += keptBytes(disc) - Math.ceil((2 * ownFileBytes() * 4) / 3);
  }
  return { composeMs: spread(times), bytesPerNode: Math.round(bytes / nodes) };
}

const keptBytes = (disc: ComposedDisc): number => Buffer.byteLength(JSON.stringify(disc));

/** The same files, made into an image by the usual program: a copy of kernel and ramdisk for each node. */
function xorrisoAll({ kernelMib, ramdiskMib, sample }: DiscsOptions, bootloader: Bootloader, folder: string) {
  const kernel = fill(join(folder, "kernel"), kernelMib);
  const ramdisk = fill(join(folder, "ramdisk"), ramdiskMib);
  const times: number[] = [];
  let bytes = 0;
  for (let node = 0; node < sample; node += 1) {
    const tree = join(folder, `tree-${node}`);
    const begun = performance.now();
    layTree(tree, { kernel, ramdisk, bootloader, node });
    const iso = join(folder, "node.iso");
    execFileSync("xorriso", [...mkisofsArgs(bootloader), "-o", iso, tree], { stdio: "ignore" });
    times.push(performance.now() - begun);
    bytes += statSync(iso).size;
    rmSync(iso);
    rmSync(tree, { recursive: true });
  }
  return { xorrisoMs: spread(times), xorrisoBytesPerNode: Math.round(bytes / sample) };
}

function mkisofsArgs({ bios }: Bootloader): string[] {
  const forBios =
    bios instanceof ImageError ? [] : ["-b", "boot/bios.img", "-no-emul-boot", "-boot-load-size", "4"];
  const table = bios instanceof ImageError ? [] : ["-boot-info-table", "-eltorito-alt-boot"];
  const label = ["-as", "mkisofs", "-quiet", "-iso-level", "3", "-R", "-J", "-V", "config-2"];
  return [...label, ...forBios, ...table, "-e", "boot/efi.img", "-no-emul-boot"];
}

/** Links stand for the copies that a tree would cost; xorriso reads through them alike. */
function layTree(
  tree: string,
  parts: { kernel: string; ramdisk: string; bootloader: Bootloader; node: number },
): void {
  mkdirSync(join(tree, "boot/grub"), { recursive: true });
  linkSync(parts.kernel, join(tree, "boot/vmlinuz"));
  linkSync(parts.ramdisk, join(tree, "boot/ramdisk"));
  const { efi, bios } = parts.bootloader;
  linkSync(efi.image.path, join(tree, "boot/efi.img"));
  // Copied, as its table of where it stands is written into it.
  if (!(bios instanceof ImageError)) execFileSync("cp", [bios.image.path, join(tree, "boot/bios.img")]);
  if (!(bios instanceof ImageError)) execFileSync("chmod", ["u+w", join(tree, "boot/bios.img")]);
  writeFileSync(join(tree, "boot/grub/grub.cfg"), `linux /boot/vmlinuz ${argsOf(parts.node)}\n`);
  for (const { path, content } of filesOf(parts.node)) {
    mkdirSync(join(tree, path, ".."), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
}
