import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { findUefi, QEMU } from "../bmc-simulator/qemu/tools.ts";

/** How firmware and drive stand to each other. */
export interface DriveBoot {
  firmware: "bios" | "uefi";
  /** BMCs show images as CDs, and some as USB disks. */
  as: "cd" | "usb-disk";
}

/** Boots a file and waits until the serial line matches. @throws Error with the end of what came instead */
export async function bootDrive(
  path: string,
  { firmware, as }: DriveBoot,
  pattern: RegExp,
  timeoutMs: number,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-drive-"));
  const device = {
    cd: ["-device", "ide-cd,drive=disc,bus=ide.1,bootindex=1"],
    "usb-disk": ["-device", "usb-ehci", "-device", "usb-storage,drive=disc,bootindex=1"],
  }[as];
  const parts = [
    ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio"],
    ["-machine", "pc,graphics=off,accel=tcg", "-m", "512M", "-boot", "strict=on"],
    firmware === "uefi" ? flash(folder) : [],
    ["-drive", `if=none,id=disc,format=raw,readonly=on,file=${path}`],
    device,
  ];
  const child = spawn(QEMU, parts.flat());
  try {
    return await new Promise<string>((resolve, reject) => {
      let said = "";
      const stop = (why: string): void =>
        reject(new Error(`${why}; the serial line ends: ${said.slice(-1500)}`));
      const timer = setTimeout(() => stop(`no ${pattern} in ${timeoutMs} ms`), timeoutMs);
      const hear = (chunk: Buffer): void => {
        said = stripVTControlCharacters(said + chunk.toString("latin1"));
        if (!pattern.test(said)) return;
        clearTimeout(timer);
        resolve(said);
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.once("error", reject);
      child.once("exit", () => stop("QEMU ended"));
    });
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

function flash(folder: string): string[] {
  const { codePath, variablesPath } = findUefi()!;
  const own = join(folder, "variables.fd");
  copyFileSync(variablesPath, own);
  const code = ["-drive", `if=pflash,format=raw,readonly=on,file=${codePath}`];
  return [...code, "-drive", `if=pflash,format=raw,file=${own}`];
}
