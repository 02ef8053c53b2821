import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { findProgram, startChild } from "./children.ts";
import { type QemuCommand, qemuArguments } from "./command.ts";
import { createDrive } from "./drive.ts";
import { listenForQmp, type Qmp, type QmpListener } from "./qmp.ts";

/** How one power-on period ended; `us` is a power cut from outside. */
export type End = { by: "guest-off" | "guest-reset" | "us" } | { by: "failure"; text: string };

/** One power-on period: one QEMU process, from power on to off. */
export interface Run {
  /** Resolves when the process is gone. Never rejects. */
  readonly ended: Promise<End>;
  /** Presses the ACPI button. Rejects with QmpError when the machine is gone. */
  press: () => Promise<void>;
  /** Changes what is in the drive; what goes wrong is told to `onTrouble`. */
  changeDisc: (url: string | null) => Promise<void>;
  /** Cuts the power at once, even when QEMU hangs in a read. */
  cut: () => void;
}

/** Where a run reports to. */
export interface RunListener {
  onSerial: (text: string) => void;
  /** A disc could not be put in; the machine goes on without. */
  onTrouble: (text: string) => void;
}

/** Starts QEMU and returns at once. `socketFolder` holds the QMP wire; `number` tells the runs of a machine apart. */
export function startRun(
  command: Omit<QemuCommand, "qmpPath">,
  { socketFolder, number }: { socketFolder: string; number: number },
  { onSerial, onTrouble }: RunListener,
): Run {
  const wire = Promise.withResolvers<Qmp>();
  // A machine that goes off before anybody needed its wire is no error.
  wire.promise.catch(() => undefined);
  const drive = createDrive(wire.promise, (text) => end ?? onTrouble(text));
  let end: End | null = null;
  let child: ChildProcess | null = null;

  const live = async (): Promise<End> => {
    const program = findProgram(command.program);
    if (!program) return failure(`${command.program} is missing: install Debian's qemu-system-x86`);
    if (command.boot.mode === "uefi" && !command.firmware)
      return failure("UEFI firmware is missing: install Debian's ovmf");
    const qmpPath = join(socketFolder, `qmp-${number}`);
    const listener = await listenForQmp(qmpPath, (event, { reason }) => {
      if (event === "SHUTDOWN") end ??= endFor(reason);
    });
    // The power may have been cut while the socket was made.
    if (!end) child = startChild(program, qemuArguments({ ...command, qmpPath }));
    void boot(listener, wire, () => drive.change(command.boot.disc));
    const said = child ? await lastWords(child, onSerial) : "";
    listener.close();
    return end ?? failure(`QEMU died: ${said}`);
  };
  return {
    ended: live()
      .catch((error: unknown) => failure(String(error)))
      .finally(() => wire.reject(new Error("the machine is off"))),
    press: async () => void (await (await wire.promise).execute("system_powerdown")),
    changeDisc: drive.change,
    cut() {
      end ??= { by: "us" };
      child?.kill("SIGKILL");
    },
  };
}

const failure = (text: string): End => ({ by: "failure", text });

/** Puts the first disc in once QEMU has called, then lets the firmware begin. */
async function boot(
  { connected }: QmpListener,
  wire: PromiseWithResolvers<Qmp>,
  insert: () => Promise<void>,
): Promise<void> {
  try {
    const qmp = await connected;
    wire.resolve(qmp);
    await insert();
    await qmp.execute("cont");
  } catch (error) {
    // QEMU is gone, and its end says why; who waits for the wire must hear it as well.
    wire.reject(error);
  }
}

/** Resolves with what the child said on its standard error when it is gone. */
function lastWords(child: ChildProcess, onSerial: (text: string) => void): Promise<string> {
  let said = "";
  child.stdout!.setEncoding("latin1").on("data", onSerial);
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2000)));
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", () => resolve(said.trim()));
  });
}

/** Which end QEMU means by the reason of its SHUTDOWN event (ShutdownCause in QEMU's QAPI schema). */
function endFor(reason: unknown): End {
  if (reason === "guest-panic") return failure("the system in the machine panicked");
  if (reason === "guest-reset") return { by: "guest-reset" };
  return { by: typeof reason === "string" && reason.startsWith("host-") ? "us" : "guest-off" };
}
