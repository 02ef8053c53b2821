import { setTimeout as sleep } from "node:timers/promises";
import { createAboard } from "./agent/aboard.ts";
import type { SimulatedAgent } from "./agent/agent.ts";
import { type AgentDisc, readAgentDisc } from "./agent/on-disc.ts";
import { findBootImage } from "./bootable-iso.ts";
import { type DiscReader, fetchDisc, openDisc } from "./disc-reader.ts";
import type { Boot, BootRecord, BootState, Machine } from "./machine.ts";
import { checkOptions, type ModelOptions, type Script } from "./model-options.ts";
import { postCallBack } from "./call-back.ts";

const SECTOR = 2048;

/** A machine without a hypervisor: it boots by reading its disc as firmware and an installer would. */
export interface ModelMachine extends Machine {
  readonly bootState: BootState;
  /** Changes what is given, from the next boot on. @throws TypeError for an option that does not exist */
  behave(changes: ModelOptions): void;
  /** The system switches itself off, or restarts, now; nothing happens while the machine is off. */
  powerOffItself(): void;
  rebootItself(): void;
  /** The agent that runs on it, or ran last; undefined before it booted one. */
  readonly agent: SimulatedAgent | undefined;
  /** What the agent was told by its disc. */
  readonly agentDisc: AgentDisc | undefined;
}

/** @throws TypeError for a machine of another kind, which takes no orders from the control face */
export function asModelMachine(machine: Machine): ModelMachine {
  if ("behave" in machine) return machine as ModelMachine;
  throw new TypeError("only a model machine can be told how to behave");
}

/** Makes model machines that all run by the same options. */
export function modelMachines(
  options: ModelOptions = {},
): (name: string, macs: readonly string[]) => ModelMachine {
  return (_name: string, macs: readonly string[]) => createModelMachine(options, macs);
}

export function createModelMachine(initial: ModelOptions = {}, macs: readonly string[] = []): ModelMachine {
  const aboard = createAboard(macs);
  const boots: BootRecord[] = [];
  let options = initial;
  let bootState: BootState = "None";
  let lastError: string | null = null;
  let disc: string | null = null;
  let running: AbortController | null = null;

  function stop(): void {
    running?.abort();
    running = null;
    aboard.stop();
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
    const url = disc;
    if (from === "disk") {
      boots.push({ from, url: null, at: Date.now() });
      bootState = "OSRunning";
      return;
    }
    let reader: DiscReader | null = null;
    let agentDisc: AgentDisc | undefined;
    try {
      if (url !== null)
        reader = from === "http" ? await fetchDisc(url, signal) : openDisc(url, signal, options.patienceMs);
      if (reader === null) throw new Error("the drive that was to be booted is empty");
      const { volumeLabel } = await findBootImage(reader, mode);
      boots.push({ from, url, at: Date.now(), volumeLabel });
      if (options.agent !== undefined) agentDisc = await readAgentDisc(reader, volumeLabel);
    } catch (error) {
      reader?.close();
      if (!signal.aborted) boots.push({ from: "nothing", url, at: Date.now() });
      throw error;
    }
    bootState = "OSBootStarted";
    const given = options;
    const wanted = Math.ceil(((reader.sizeBytes ?? 0) * (given.readShare ?? 0.6)) / SECTOR) * SECTOR;
    const hangsAt = given.hangsAfterBytes ?? Number.POSITIVE_INFINITY;
    const opened = reader;
    await readOn(opened, Math.min(wanted, hangsAt), signal, given).finally(() => opened.close());
    if (hangsAt <= wanted) return;
    bootState = "OSRunning";
    if (agentDisc !== undefined && !signal.aborted)
      aboard.start(agentDisc, given.agent ?? {}, (action) => leave(action === "off" ? "off" : "rebooted"));
    await run(given.script ?? [], signal);
  }

  async function readOn(
    reader: DiscReader,
    end: number,
    signal: AbortSignal,
    { rangeBytes = 262_144, readPauseMs = 0 }: ModelOptions,
  ): Promise<void> {
    for (let offset = 0; offset < end; offset += rangeBytes) {
      if (disc === null) throw new Error("the disc was taken out while the system was reading it");
      await reader.skim(offset, Math.min(rangeBytes, end - offset));
      if (readPauseMs > 0) await sleep(readPauseMs, undefined, { signal });
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
    /** The model's system obeys the button at once, as a shell that waits for nothing does, or never. */
    async shutDown() {
      if (options.ignoresButton !== true) leave("off");
    },
    changeDisc(url) {
      disc = url;
    },
    behave(changes) {
      checkOptions(changes);
      options = { ...options, ...changes };
    },
    get agent() {
      return aboard.agent;
    },
    get agentDisc() {
      return aboard.disc;
    },
    powerOffItself: () => leave("off"),
    rebootItself: () => leave("rebooted"),
    async close() {
      stop();
      await aboard.close();
    },
  };
  return machine;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
