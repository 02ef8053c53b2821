import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findProgram } from "./children.ts";
import type { Firmware } from "./command.ts";

/** The program that QEMU machines run, from Debian's qemu-system-x86. */
export const QEMU = "qemu-system-x86_64";

/** Firmware files of OVMF: Debian's present names first, then those of older ones. */
const UEFI = [
  { codePath: "/usr/share/OVMF/OVMF_CODE_4M.fd", variablesPath: "/usr/share/OVMF/OVMF_VARS_4M.fd" },
  { codePath: "/usr/share/OVMF/OVMF_CODE.fd", variablesPath: "/usr/share/OVMF/OVMF_VARS.fd" },
];

/** The same with Secure Boot on, and Microsoft's keys enrolled as in machines that are sold. */
const SECURE_UEFI: Firmware = {
  codePath: "/usr/share/OVMF/OVMF_CODE_4M.ms.fd",
  variablesPath: "/usr/share/OVMF/OVMF_VARS_4M.ms.fd",
  isGuarded: true,
};

/** Where UEFI firmware with Secure Boot on lies; null when it is not installed. */
export function findSecureUefi(): Firmware | null {
  return existsSync(SECURE_UEFI.codePath) && existsSync(SECURE_UEFI.variablesPath) ? SECURE_UEFI : null;
}

/** Where UEFI firmware lies; null when it is not installed. */
export function findUefi(): Firmware | null {
  return (
    UEFI.find(({ codePath, variablesPath }) => existsSync(codePath) && existsSync(variablesPath)) ?? null
  );
}

/** The Debian packages that QEMU machines need and that are not there; an empty list when all are. */
export function missingForQemu(): string[] {
  const qemu = findProgram(QEMU);
  return [
    ...(qemu ? [] : ["qemu-system-x86"]),
    ...(qemu && readsHttp(qemu) ? [] : ["qemu-block-extra"]),
    ...(findUefi() ? [] : ["ovmf"]),
  ];
}

/** Asks QEMU itself, as the driver may be a module of its own or built in. */
function readsHttp(qemu: string): boolean {
  const nowhere = "driver=http,node-name=probe,read-only=on,url=http://127.0.0.1:1/";
  const { stderr } = spawnSync(qemu, ["-machine", "none", "-display", "none", "-blockdev", nowhere], {
    encoding: "utf8",
    timeout: 10_000,
  });
  return /CURL/.test(stderr);
}
