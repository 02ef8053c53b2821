import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { makeOnce } from "./cache.ts";
import { GRUB_MODULES, GRUB_ON_SERIAL, makeGrubIso } from "./grub-iso.ts";
import { getKernel } from "./kernel.ts";
import { findTool, runTool } from "./tools.ts";

/** What a payload does once it has booted. */
export interface Payload {
  /** Begins the line that the system says on the serial line once it runs, before its kernel's command line. */
  marker: string;
  /** What it does in the end. While it stays it obeys the power button. */
  action: "stay" | "poweroff" | "reboot";
  /** Where it posts `{"status":"succeeded"}` (plain http; the host of a QEMU machine is 10.0.2.2), up to 5 times. */
  callBack?: string;
  /** More words for its kernel's command line; its init tells which there are. */
  kernelArgs?: readonly string[];
}

const INIT = join(import.meta.dirname, "payload/init");

/**
 * Gives the path of an ISO for BIOS and UEFI with Debian's kernel and a busybox initramfs that does what it is told
 * on the kernel line of its own grub.cfg. It boots in seconds under software emulation.
 * @throws RangeError when an argument cannot stand on a kernel line; Error when a tool or the kernel is missing.
 */
export async function makePayloadIso(payload: Payload): Promise<string> {
  const config = payloadConfig(payload);
  const kernel = await getKernel();
  const initramfs = await makeInitramfs(kernel);
  return makeOnce("payload.iso", [config, initramfs, GRUB_MODULES], async (path) => {
    const files = join(dirname(path), "files");
    mkdirSync(join(files, "boot"), { recursive: true });
    copyFileSync(join(kernel, "vmlinuz"), join(files, "boot/vmlinuz"));
    copyFileSync(initramfs, join(files, "boot/initramfs"));
    await makeGrubIso(path, files, config, "TRAYLOAD_PAYLOAD");
  });
}

/** The grub.cfg of a payload ISO. */
export function payloadConfig({ marker, action, callBack, kernelArgs = [] }: Payload): string {
  const words = [
    "console=ttyS0,115200n8",
    "quiet",
    "mitigations=off",
    "random.trust_cpu=on",
    `trayload.marker=${marker}`,
    `trayload.action=${action}`,
    ...(callBack === undefined ? [] : [`trayload.callback=${callBack}`]),
    ...kernelArgs,
  ];
  // Neither space, quote nor backslash: GRUB and the kernel would each read them in their own way.
  const unfit = words.find((word) => !/^[!#-&(-[\]-~]+$/.test(word));
  if (unfit !== undefined) throw new RangeError(`"${unfit}" cannot stand on the payload's kernel line`);
  const line = words.map((word) => `'${word}'`).join(" ");
  return `${GRUB_ON_SERIAL}linux /boot/vmlinuz ${line}\ninitrd /boot/initramfs\nboot\n`;
}

/** Gives the paths of Debian's signed kernel and of the initramfs with the payload's system. */
export async function makePayloadParts(): Promise<{ kernel: string; initramfs: string }> {
  const kernel = await getKernel();
  return {
    kernel: join(kernel, "vmlinuz"),
    initramfs: await makeInitramfs(kernel),
  };
}

/** The payload's system, with the modules of a kernel, for the processor that busybox was built for. */
export function makeInitramfs(kernel: string, busybox?: string): Promise<string> {
  const init = readFileSync(INIT, "utf8");
  const ingredients = busybox === undefined ? [kernel, init] : [kernel, init, busybox];
  return makeOnce("initramfs", ingredients, async (path) => {
    const root = join(dirname(path), "root");
    mkdirSync(join(root, "bin"), { recursive: true });
    copyFileSync(busybox ?? findTool("busybox"), join(root, "bin/busybox"));
    cpSync(join(kernel, "modules"), join(root, "modules"), { recursive: true });
    writeFileSync(join(root, "init"), init, { mode: 0o755 });
    const archive = join(dirname(path), "archive");
    const names = await runTool("find", ["."], { cwd: root });
    await runTool("cpio", ["-o", "-H", "newc", "-R", "0:0", "--quiet", "-F", archive], {
      cwd: root,
      input: names,
    });
    writeFileSync(path, gzipSync(readFileSync(archive)));
  });
}
