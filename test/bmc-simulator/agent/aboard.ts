import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SimulatedAgent, startSimulatedAgent } from "./agent.ts";
import type { AgentDisc } from "./on-disc.ts";
import type { AgentOptions } from "./options.ts";

/** How the agents of a machine behave; what its disc says is taken from there. */
export type AboardOptions = Partial<Omit<AgentOptions, "apiUrl" | "token" | "disk">> & {
  disk?: Partial<AgentOptions["disk"]>;
};

/** The agents that a machine boots one after the other, and the disk that stays. */
export interface Aboard {
  /** The one that runs, or ran last; undefined before the first. */
  readonly agent: SimulatedAgent | undefined;
  /** What its disc told it. */
  readonly disc: AgentDisc | undefined;
  start(disc: AgentDisc, options: AboardOptions, onPower: (action: "off" | "reboot") => void): void;
  /** The power is gone. */
  stop(): void;
  /** Removes the disk. */
  close(): Promise<void>;
}

const DISK_BYTES = 8 * 2 ** 30;

export function createAboard(macs: readonly string[]): Aboard {
  let agent: SimulatedAgent | undefined;
  let disc: AgentDisc | undefined;
  let folder: string | undefined;
  let ending = Promise.resolve();

  function stop(): void {
    const gone = agent;
    if (gone !== undefined) ending = Promise.all([ending, gone.vanish()]).then(() => undefined);
  }

  return {
    get agent() {
      return agent;
    },
    get disc() {
      return disc;
    },
    start(booted, { disk, ...options }, onPower) {
      stop();
      disc = booted;
      folder ??= mkdtempSync(join(tmpdir(), "simulated-disk-"));
      const token = booted.args["ipa-agent-token"];
      agent = startSimulatedAgent({
        macs,
        inspects: booted.args["ipa-inspection-collectors"] !== undefined,
        ...options,
        apiUrl: booted.args["ipa-api-url"]!,
        ...(token === undefined ? {} : { token }),
        disk: { path: join(folder, "disk"), sizeBytes: DISK_BYTES, serial: "S-1", ...disk },
        onPower,
      });
    },
    stop,
    async close() {
      stop();
      await ending;
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
