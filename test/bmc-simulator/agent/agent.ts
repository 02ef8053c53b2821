import type { Certificate } from "../certificate.ts";
import { type AgentControl, createSteering } from "./control.ts";
import { Life, type LifeState } from "./life.ts";
import type { AgentDisk, AgentOptions, Json } from "./options.ts";

export type { AgentControl } from "./control.ts";
export type { LifeState } from "./life.ts";
export type { AgentDisk, AgentFault, AgentOptions } from "./options.ts";

/** An agent in a simulated machine's ramdisk, seen from the test. */
export interface SimulatedAgent extends AgentControl {
  readonly state: LifeState;
  readonly disk: AgentDisk;
  /** Where its API is; undefined before it serves. */
  readonly callbackUrl: string | undefined;
  readonly certificate: Certificate | undefined;
  /** All that it was asked and that it asked, with tokens in the lines, as real agents log it. */
  readonly log: readonly string[];
  /** Names of the commands that it began, over all its lives. */
  readonly executed: readonly string[];
  /** What each of them was last sent with, by its name. */
  readonly sent: ReadonlyMap<string, Json>;
  /** Status of each heartbeat's answer, in order; 0 for none. */
  readonly beats: readonly number[];
  /** When it last sent a heartbeat, and was last sent a command, in milliseconds since 1970; 0 before. */
  readonly lastBeatMs: number;
  readonly lastCommandMs: number;
  /** The process ends and another begins, as systemd does it: with no memory of commands, and a new certificate. */
  restart(): Promise<void>;
  /** Ends at once, telling nobody. */
  vanish(): Promise<void>;
}

/** Starts an agent; it looks up, serves and heartbeats by itself from then on. */
export function startSimulatedAgent(options: AgentOptions): SimulatedAgent {
  const steering = createSteering(options.cuts);
  const parts = {
    options,
    steering,
    log: [] as string[],
    executed: [] as string[],
    sent: new Map<string, Json>(),
    beats: [] as number[],
    last: { beatMs: 0, commandMs: 0 },
  };
  let life = new Life(parts, options.certificate);

  return {
    ...steering.control,
    disk: options.disk,
    log: parts.log,
    executed: parts.executed,
    sent: parts.sent,
    beats: parts.beats,
    get lastBeatMs() {
      return parts.last.beatMs;
    },
    get lastCommandMs() {
      return parts.last.commandMs;
    },
    get state() {
      return life.state;
    },
    get callbackUrl() {
      return life.callbackUrl;
    },
    get certificate() {
      return life.certificate;
    },
    async restart() {
      await life.end();
      life = new Life(parts, undefined);
    },
    vanish: () => life.end(),
  };
}
