import { setTimeout as sleep } from "node:timers/promises";
import { findBootImage } from "./bootable-iso.ts";
import { openDisc } from "./disc-reader.ts";
import type { Boot, BootRecord, BootState, Machine } from "./machine.ts";
import { postCallBack } from "./call-back.ts";

/** What the system on the disc does once it runs, in order; after the last it stays. */
export type ScriptStep = { waitMs: number } | { callBack: string; body?: unknown } | "power-off" | "reboot";
export type Script = readonly ScriptStep[];

export interface ModelOptions {
  script?: Script;
  /** Part of the disc, 0 to 1, that the system reads in order after its boot image; 0.6 unless told. */
  readShare?: number;
  /** Bytes of one read; 256 KiB unless told. */
  rangeBytes?: number;
  /** Pause between reads; none unless told. */
  readPauseMs?: number;
}

/** A machine without a hypervisor: it boots by reading its disc as firmware and an installer would. */
export interface ModelMachine extends Machine {
  readonly bootState: BootState;
  /** Counts for the next boot from a disc. */
  setScript(script: Script): void;
  /** The system switches itself off, or restarts, now; nothing happens while the machine is off. */
  powerOffItself(): void;
  rebootItself(): void;
}

/** @throws TypeError for a machine of another kind, which takes no orders from the control face */
export function asModelMachine(machine: Machine): ModelMachine {
  if ("setScript" in machine) return machine as ModelMachine;
  throw new TypeError("only a model machine runs a script");
}

/** Makes model machines that all run by the same options. */
export function modelMachines(options: ModelOptions = {}): () => ModelMachine {
  return () => createModelMachine(options);
}

export function createModelMachine(options: ModelOptions = {}): ModelMachine {
  const boots: BootRecord[] = [];
  let script = options.script ?? [];
  let bootState: BootState = "None";
  let lastError: string | null = null;
  let disc: string | null = null;
  let running: AbortController | null = null;

  function stop(): void {
    running?.abort();
    running = null;
    bootState = "None";
  }

  function leave(what: "off" | "rebooted"): void {
    if (running === null) return;
    stop();
    machine.onSelf(what);
  }

  /** From here on the firmware is at work; everything ends when the signal is aborted. */
  async function boot({ from, mode }: Boot, signal: AbortSignal): Promise<void> {
    bootState = "SystemHardwareInitializationComplete";
    const url = from === "disc" ? disc : null;
    if (from === "disk") {
      boots.push({ from, url, at: Date.now() });
      bootState = "OSRunning";
      return;
    }
    const reader = url === null ? null : openDisc(url, signal);
    try {
      if (reader === null) throw new Error("the drive that was to be booted is empty");
      const { volumeLabel } = await findBootImage(reader, mode);
      boots.push({ from, url, at: Date.now(), volumeLabel });
    } catch (error) {
      reader?.close();
      if (!signal.aborted) boots.push({ from: "nothing", url, at: Date.now() });
      throw error;
    }
    bootState = "OSBootStarted";
    await readOn(reader, signal).finally(() => reader.close());
    bootState = "OSRunning";
    await run(script, signal);
  }

  async function readOn(reader: ReturnType<typeof openDisc>, signal: AbortSignal): Promise<void> {
    const end = (reader.sizeBytes ?? 0) * (options.readShare ?? 0.6);
    const rangeBytes = options.rangeBytes ?? 262_144;
    for (let offset = 0; offset < end; offset += rangeBytes) {
      if (disc === null) throw new Error("the disc was taken out while the system was reading it");
      await reader.skim(offset, rangeBytes);
      if (options.readPauseMs !== undefined) await sleep(options.readPauseMs, undefined, { signal });
    }
  }

  async function run(steps: Script, signal: AbortSignal): Promise<void> {
    for (const step of steps) {
      if (signal.aborted) return;
      if (step === "power-off") return leave("off");
      if (step === "reboot") return leave("rebooted");
      if ("waitMs" in step) await sleep(step.waitMs, undefined, { signal });
      else await postCallBack(step.callBack, step.body, signal);
    }
  }

  const machine: ModelMachine = {
    boots,
    onSelf: () => {},
    get isOn() {
      return running !== null;
    },
    get bootState() {
      return bootState;
    },
    get lastError() {
      return lastError;
    },
    powerOn(order) {
      stop();
      const power = new AbortController();
      running = power;
      disc = order.disc;
      lastError = null;
      boot(order, power.signal).catch((error: unknown) => {
        if (!power.signal.aborted) lastError = describe(error);
      });
    },
    async forceOff() {
      stop();
    },
    /** The model's system obeys the button at once, as a shell that waits for nothing does. */
    async shutDown() {
      leave("off");
    },
    changeDisc(url) {
      disc = url;
    },
    setScript(next) {
      script = next;
    },
    powerOffItself: () => leave("off"),
    rebootItself: () => leave("rebooted"),
    async close() {
      stop();
    },
  };
  return machine;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
