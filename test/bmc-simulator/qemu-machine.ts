import { copyFileSync, existsSync, mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Boot, BootRecord, Machine } from "./machine.ts";
import { keepUntilExit } from "./qemu/children.ts";
import type { Beside, Firmware, Forward } from "./qemu/command.ts";
import { findSecureUefi, findUefi, QEMU } from "./qemu/tools.ts";
import { bootNextByHttp } from "./qemu/uefi-variables.ts";
import { whatStarted } from "./qemu/firmware-says.ts";
import { type End, type Run, startRun } from "./qemu/run.ts";

export interface QemuMachineOptions {
  /** How QEMU calls it in its process list. */
  name: string;
  /** The QEMU on PATH to run; `qemu-system-x86_64` unless told. */
  program?: string;
  /**
   * `tcg`, software emulation, unless told: a /dev/kvm that is there does not mean one that works (inside another
   * emulation it may hang), and a boot takes seconds either way.
   */
  accelerator?: "tcg" | "kvm";
  memoryMiB?: number;
  /** Whether its UEFI starts only what Microsoft's keys vouch for; false unless told. */
  secureBoot?: boolean;
  /** A disc in another drive, as a second slot or a stick that somebody left has it. Under BIOS or plain UEFI only. */
  beside?: Beside;
  /** Lets the host reach a server in the guest. */
  forward?: Forward;
  /** Size of the one disk, sparse and empty at first, kept until close. */
  diskBytes?: number;
}

/** A machine whose serial line can be read. */
export interface QemuMachine extends Machine {
  /** What came over the serial line since the last power on, without control sequences; its last 256 KiB. */
  readonly serial: string;
  /**
   * Resolves with the serial text once it matches.
   * @throws Error with the end of the serial text when it does not within `timeoutMs`.
   */
  waitForSerial: (pattern: RegExp, timeoutMs: number) => Promise<string>;
}

const SERIAL_BYTES = 256 * 1024;

/**
 * A real machine: QEMU, whose firmware boots the inserted disc by reading it over HTTP ranges. A guest reaches
 * 127.0.0.1:PORT of this host as 10.0.2.2:PORT. Trouble (no QEMU, a disc that cannot be read) is `lastError`, as a
 * machine that does not start is an outcome, not an exception of the BMC.
 */
export function createQemuMachine(options: QemuMachineOptions): QemuMachine {
  const { name, program = QEMU, accelerator = "tcg", memoryMiB = 512, diskBytes = 1024 ** 3 } = options;
  const secureBoot = options.secureBoot === true;
  const folder = mkdtempSync(join(tmpdir(), "trayload-qemu-"));
  const removeFolder = keepUntilExit(folder);
  const diskPath = join(folder, "disk.raw");
  writeFileSync(diskPath, "");
  truncateSync(diskPath, diskBytes);
  const boots: BootRecord[] = [];
  const waiters = new Set<() => void>();
  let run: Run | null = null;
  let runs = 0;
  let raw = "";
  let lastError: string | null = null;

  const powerOn = (boot: Boot): void => {
    raw = "";
    let known = false;
    const onSerial = (text: string): void => {
      raw = (raw + text).slice(-SERIAL_BYTES);
      const from = known ? null : whatStarted(raw);
      if (from) boots.push({ from, url: boot.from === "disk" ? null : boot.disc, at: Date.now() });
      known ||= from !== null;
      for (const look of waiters) look();
    };
    const onTrouble = (text: string): void => void (lastError = text);
    const firmware = boot.mode === "uefi" ? prepareFirmware(folder, secureBoot) : null;
    const fetched = boot.from === "http" ? boot.disc : null;
    if (firmware && fetched !== null) bootNextByHttp(firmware.variablesPath, seenByGuest(fetched));
    const { beside, forward } = options;
    const drive = fetched === null ? boot : { ...boot, disc: null };
    const command = {
      program,
      name,
      boot: drive,
      accelerator,
      memoryMiB,
      diskPath,
      firmware,
      beside,
      forward,
    };
    run = startRun(command, { socketFolder: folder, number: ++runs }, { onSerial, onTrouble });
    void run.ended.then(finish);
  };
  const finish = (end: End): void => {
    run = null;
    if (end.by === "failure") lastError = end.text;
    if (end.by !== "us") machine.onSelf(end.by === "guest-reset" ? "rebooted" : "off");
  };
  const forceOff = async (): Promise<void> => {
    run?.cut();
    await run?.ended;
  };
  const machine: QemuMachine = {
    get isOn() {
      return run !== null;
    },
    get lastError() {
      return lastError;
    },
    get serial() {
      return stripVTControlCharacters(raw);
    },
    boots,
    onSelf: () => undefined,
    powerOn,
    forceOff,
    shutDown: async () => run?.press(),
    changeDisc: (url) => void run?.changeDisc(url),
    waitForSerial: (pattern, timeoutMs) => waitFor(waiters, () => machine.serial, pattern, timeoutMs),
    async close() {
      machine.onSelf = () => undefined;
      await forceOff();
      removeFolder();
    },
  };
  return machine;
}

/** This host, as the guest reaches it. */
const seenByGuest = (url: string): string => url.replace("//127.0.0.1:", "//10.0.2.2:");

/** This machine's own copy of the UEFI variables, which live as long as it does; null when there is no firmware. */
function prepareFirmware(folder: string, secureBoot: boolean): Firmware | null {
  const uefi = secureBoot ? findSecureUefi() : findUefi();
  if (!uefi) return null;
  const variablesPath = join(folder, "variables.fd");
  if (!existsSync(variablesPath)) copyFileSync(uefi.variablesPath, variablesPath);
  return { ...uefi, variablesPath };
}

async function waitFor(
  waiters: Set<() => void>,
  read: () => string,
  pattern: RegExp,
  timeoutMs: number,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const look = (): void => void (pattern.test(read()) && resolve(read()));
  const tooLate = () =>
    reject(new Error(`no ${pattern} on the serial line in ${timeoutMs} ms, but: ${read().slice(-1500)}`));
  const timer = setTimeout(tooLate, timeoutMs);
  waiters.add(look);
  look();
  return promise.finally(() => {
    clearTimeout(timer);
    waiters.delete(look);
  });
}
