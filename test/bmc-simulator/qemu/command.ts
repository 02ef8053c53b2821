import type { Boot } from "../machine.ts";

/** All that decides how one QEMU is started. Paths are absolute. */
export interface QemuCommand {
  /** Name of the QEMU on PATH. */
  program: string;
  name: string;
  boot: Boot;
  /** `tcg` works everywhere; `kvm` only where /dev/kvm really does. */
  accelerator: "tcg" | "kvm";
  memoryMiB: number;
  /** The machine's own disk, raw. */
  diskPath: string;
  beside?: Beside | undefined;
  forward?: Forward | undefined;
  /** Where the other end of the QMP wire listens. */
  qmpPath: string;
  /** UEFI firmware, and this machine's own copy of its variables; null in BIOS mode. */
  firmware: Firmware | null;
}

/** A port of this host's loopback behind which the guest's is. */
export interface Forward {
  hostPort: number;
  guestPort: number;
}

/** A disc in a drive of its own, beside the BMC's, which stays there. */
export interface Beside {
  /** http or https. */
  url: string;
  as: "cd" | "usb-disk";
  /** Whether firmware tries it before all others, or after them. */
  isBooted: boolean;
}

export interface Firmware {
  codePath: string;
  variablesPath: string;
  /** Keeps its variables from the system by system management mode, which only the newer chip set has. */
  isGuarded?: boolean;
}

/** The id of the drive that a BMC fills and empties. */
export const DRIVE = "cd";

/**
 * The arguments of `qemu-system-x86_64` for one power on.
 *
 * It stops before the first instruction (-S) with an empty drive: the disc is put in over QMP, so that a disc that
 * cannot be read is an empty drive, as with a real BMC, and not a QEMU that does not start. There is no screen, and
 * `graphics=off` makes both firmwares speak on the serial line, whatever the system that they boot does.
 */
export function qemuArguments({ name, boot, accelerator, memoryMiB, ...paths }: QemuCommand): string[] {
  const disc = boot.from === "disc" ? ",bootindex=1" : "";
  const isGuarded = paths.firmware?.isGuarded === true;
  // The newer chip set has AHCI, of which Debian's smallest kernel knows nothing.
  const [cd, hd] = isGuarded
    ? ["scsi-cd,bus=scsi.0", "scsi-hd,bus=scsi.0"]
    : ["ide-cd,bus=ide.1", "ide-hd,bus=ide.0"];
  return [
    ["-name", quote(name), "-nodefaults", "-no-user-config", "-display", "none", "-S", "-no-reboot"],
    [
      "-machine",
      `${isGuarded ? "q35,smm=on" : "pc"},graphics=off,accel=${accelerator}`,
      "-cpu",
      accelerator === "kvm" ? "host" : "qemu64",
    ],
    ["-m", `${memoryMiB}M`, "-boot", "strict=on"],
    ["-chardev", "stdio,id=line,signal=off", "-serial", "chardev:line"],
    ["-chardev", `socket,id=wire,path=${quote(paths.qmpPath)}`, "-mon", "chardev=wire,mode=control"],
    paths.firmware ? flash(paths.firmware) : [],
    isGuarded ? ["-device", "virtio-scsi-pci,id=scsi"] : [],
    ["-device", `${cd},id=${DRIVE}${disc}`],
    ["-blockdev", JSON.stringify(rawFile("disk", paths.diskPath))],
    ["-device", `${hd},drive=disk,bootindex=2`],
    // Without its boot ROM the network card is no boot device: only the drive and the disk are.
    ["-netdev", `user,id=net${forwarding(paths.forward)}`],
    ["-device", "virtio-net-pci,netdev=net,romfile="],
    paths.beside ? driveBeside(paths.beside) : [],
  ].flat();
}

function forwarding(forward: Forward | undefined): string {
  if (forward === undefined) return "";
  return `,hostfwd=tcp:127.0.0.1:${forward.hostPort}-:${forward.guestPort}`;
}

function driveBeside({ url, as, isBooted }: Beside): string[] {
  // OVMF wakes up only what has a place in its order, where firmware of real machines wakes up all.
  const device = as === "cd" ? "ide-cd,bus=ide.0,unit=1" : "usb-storage";
  return [
    as === "cd" ? [] : ["-device", "qemu-xhci"],
    ["-blockdev", JSON.stringify(discNode("beside", url))],
    ["-device", `${device},drive=beside,bootindex=${isBooted ? 0 : 9}`],
  ].flat();
}

const quote = (text: string): string => text.replaceAll(",", ",,");

const rawFile = (node: string, filename: string) => ({
  "node-name": node,
  driver: "raw",
  file: { driver: "file", filename },
});

function flash({ codePath, variablesPath, isGuarded = false }: Firmware): string[] {
  return [
    isGuarded ? ["-global", "driver=cfi.pflash01,property=secure,value=on"] : [],
    ["-drive", `if=pflash,format=raw,readonly=on,file=${quote(codePath)}`],
    ["-drive", `if=pflash,format=raw,file=${quote(variablesPath)}`],
  ].flat();
}

/**
 * The block node that reads a disc by ranges over HTTP, as a BMC does (QEMU's curl driver, Debian's
 * qemu-block-extra).
 * @throws TypeError when the URL is none; RangeError when it is neither http nor https.
 */
export function discNode(node: string, url: string): Record<string, unknown> {
  const driver = new URL(url).protocol.slice(0, -1);
  if (driver !== "http" && driver !== "https") throw new RangeError(`a drive cannot read ${driver} URLs`);
  const file = { driver, url, readahead: 128 * 1024, timeout: 20 };
  // BMCs seldom know the certificate of an image server; who may read is decided by the secret path.
  return {
    "node-name": node,
    driver: "raw",
    "read-only": true,
    file: driver === "https" ? { ...file, sslverify: false } : file,
  };
}
