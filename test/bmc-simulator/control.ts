import type { Drive } from "./drives.ts";
import type { Faults } from "./faults.ts";
import type { Override } from "./host.ts";
import type { BootRecord, Machine } from "./machine.ts";
import type { Subscription } from "./subscriptions.ts";
import type { Action, LoggedRequest } from "./request-log.ts";

/** What somebody needs to know to use this BMC. */
export interface BmcIdentity {
  readonly name: string;
  /** Origin, `https://127.0.0.1:40001`. */
  readonly address: string;
  readonly username: string;
  readonly password: string;
  readonly macs: readonly string[];
  readonly profile: string;
}

/**
 * The control face of one simulated BMC: plain verbs for the one who tests. What it shows is the truth, past every
 * fault, hold and lag of the Redfish face. The same verbs are there over HTTP (`control-server.ts`).
 */
export interface SimulatedBmc extends BmcIdentity, Omit<Faults, "take" | "pause"> {
  /** The newest requests, oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** What was done to the machine and its media, oldest first. */
  readonly actions: readonly Action[];
  forgetLogs(): void;

  readonly power: "On" | "Off";
  readonly override: Override;
  /** The slot with this id, or the first that can be booted. @throws RangeError */
  slot(id?: string): Readonly<Drive>;
  readonly slots: readonly Readonly<Drive>[];
  /** Whom it tells of its events. */
  readonly subscriptions: readonly Readonly<Subscription>[];
  readonly machine: Machine;
  /** The last boot, its URL as the client inserted it (a copying BMC's machine reads the copy); null before the first. */
  readonly bootedFrom: BootRecord | null;
  /** What failed on the machine, or behind an answer that was given before. */
  readonly lastError: string | null;

  readonly openSessions: number;
  readonly refusedLogIns: number;
  expireSessions(): void;
  /** Open sessions live on. */
  setPassword(password: string): void;

  /** Power changes are accepted and wait, until `releasePower` lets them happen. */
  holdPower(): void;
  releasePower(): void;
  /** With the manual pace: lets the oldest waiting change happen; false when none waits. */
  releaseChange(): boolean;
  readonly waitingChanges: number;

  /** Of the certificate that it shows, `sha256:…`; null without TLS. */
  readonly fingerprint: string | null;
  /** Shows a new certificate, as after a factory reset; gives its fingerprint. @throws TypeError without TLS */
  changeCertificate(): string;
  /** Whether it is away since it was told to restart itself; its sessions are gone then. */
  readonly isRestarting: boolean;
  /** Cuts every open connection; new ones are taken. */
  dropConnections(): void;
  /** Connections are taken and nothing is answered any more, also to requests that are under way. */
  goSilent(): void;
  /** Cuts what waited meanwhile and answers again. */
  comeBack(): void;
  /** 204 to every insert, and nothing goes in. */
  insertNothing(isOn?: boolean): void;
  /** Success to every power-on, and it stays off. */
  neverPowersOn(isOn?: boolean): void;
}
