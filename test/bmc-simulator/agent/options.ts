import type { Certificate } from "../certificate.ts";

/** A machine that booted the agent's ramdisk. */
export interface AgentOptions {
  /** `ipa-api-url`; may have a path and a trailing slash. */
  apiUrl: string;
  macs: readonly string[];
  /** `ipa-agent-token`, where the kernel line has it. */
  token?: string;
  disk: AgentDisk;
  /** Posts its inventory before it looks up (`ipa-inspection-collectors`). */
  inspects?: boolean;
  /** Steps of other hardware managers, by name. */
  steps?: Record<string, AgentStep>;
  /** How the connections of its first commands die: before it has acted, or after. */
  cuts?: readonly ("before" | "after")[];
  /** What its API always answers: that it knows no such token or command, or that it cannot list its commands. */
  apiFault?: "token-refused" | "command-unknown" | "list-broken";
  /** What the agent's seconds are multiplied with; 0.01 unless told. */
  timeScale?: number;
  /** `ipa-lookup-timeout`: for so many seconds of the agent it looks its node up before it gives up; 600 unless told. */
  lookupTimeoutS?: number;
  /** A certificate to share among many; each start makes its own unless told. */
  certificate?: Certificate;
  /** `enable_auto_tls`; on unless told. */
  tls?: boolean;
  onPower?: (action: "off" | "reboot") => void;
}

export interface AgentStep {
  ms?: number;
  fault?: AgentFault;
  result?: unknown;
  /** Lasts until steps are released. */
  isHeld?: boolean;
  /** Asks for a restart of the machine after it. */
  reboots?: boolean;
}

/** The scratch disk; made as a sparse file of that size when it is absent. */
export interface AgentDisk {
  path: string;
  sizeBytes: number;
  serial?: string;
  model?: string;
  /** Images are read and their checksums verified, and nothing is written: for labs of hundreds. */
  discards?: boolean;
}

/** A command's error, as agents write it. */
export interface AgentFault {
  type: string;
  message: string;
  code?: number;
  details?: string;
}

/** Thrown by a command, and told in its result. */
export class CommandFailure extends Error {
  readonly fault: AgentFault;

  constructor(fault: AgentFault) {
    super(`${fault.type}: ${fault.message}`);
    this.fault = fault;
  }
}

/** JSON as it comes. */
export type Json = Record<string, unknown>;

export function objectAt(body: unknown, name: string): Json {
  const value = typeof body === "object" && body !== null ? (body as Json)[name] : undefined;
  return typeof value === "object" && value !== null ? (value as Json) : {};
}
