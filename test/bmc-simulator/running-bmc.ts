import type { Origin } from "./bmc-server.ts";
import { makeCertificate } from "./certificate.ts";
import type { SimulatedBmc } from "./control.ts";
import type { Drive, Drives } from "./drives.ts";
import type { Faults, Fault, Hold, Match, Storm } from "./faults.ts";
import type { Host } from "./host.ts";
import type { Machine } from "./machine.ts";
import type { Gate } from "./pace.ts";
import type { Access, Credentials } from "./redfish/index.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { Action, BoundedLog, LoggedRequest } from "./request-log.ts";

/** What a test may do to a BMC that no Redfish request does. */
export interface Switches {
  insertsNothing: boolean;
  neverPowersOn: boolean;
  isSilent: boolean;
  /** By the BMC's own action. */
  isRestarting: boolean;
}

/** The parts of one BMC, joined. */
export interface Parts {
  name: string;
  profile: string;
  macs: readonly string[];
  credentials: Credentials;
  origin: Origin;
  access: Access;
  faults: Faults;
  requests: BoundedLog<LoggedRequest>;
  actions: BoundedLog<Action>;
  host: Host;
  drives: Drives;
  machine: Machine;
  gate: Gate;
  subscriptions: Subscriptions;
  switches: Switches;
  /** What failed behind an answer that was given before. */
  laterErrors: string[];
}

/** The control face over the parts; says nothing of its own. A class, since it lives until it is closed. */
export class RunningBmc implements SimulatedBmc {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get name() {
    return this.#parts.name;
  }
  get address() {
    return this.#parts.origin.address;
  }
  get username() {
    return this.#parts.credentials.username;
  }
  get password() {
    return this.#parts.credentials.password;
  }
  get macs() {
    return this.#parts.macs;
  }
  get profile() {
    return this.#parts.profile;
  }

  repeat(outcomes: ReadonlyMap<string, (Fault | null)[]>): void {
    this.#parts.faults.repeat(outcomes);
  }
  storm(weather: Storm | null): void {
    this.#parts.faults.storm(weather);
  }
  get struck() {
    return this.#parts.faults.struck;
  }
  failNext(match: Match, fault: Fault): () => void {
    return this.#parts.faults.failNext(match, fault);
  }
  hold(match: Match, when: Hold["when"], skip?: number): void {
    this.#parts.faults.hold(match, when, skip);
  }
  release(): void {
    this.#parts.faults.release();
  }
  drop(): void {
    this.#parts.faults.drop();
  }
  whenHeld(): Promise<Hold> {
    return this.#parts.faults.whenHeld();
  }
  get held() {
    return this.#parts.faults.held;
  }

  get requests() {
    return this.#parts.requests.entries;
  }
  get actions() {
    return this.#parts.actions.entries;
  }
  forgetLogs(): void {
    this.#parts.requests.clear();
    this.#parts.actions.clear();
  }

  get power() {
    return this.#parts.host.power;
  }
  get override() {
    return this.#parts.host.override;
  }
  get slots() {
    return this.#parts.drives.all;
  }
  slot(id?: string): Readonly<Drive> {
    const isMeant = ({ slot }: Drive) => (id === undefined ? slot.isBootable : slot.id === id);
    const found = this.slots.find(isMeant);
    if (found === undefined) throw new RangeError(`${this.name} has no slot ${id ?? "that can be booted"}`);
    return found;
  }
  get subscriptions() {
    return this.#parts.subscriptions.all;
  }
  get machine() {
    return this.#parts.machine;
  }
  get bootedFrom() {
    const last = this.machine.boots.at(-1);
    return last === undefined ? null : { ...last, url: this.#parts.drives.imageOf(last.url) };
  }
  get lastError() {
    return this.machine.lastError ?? this.#parts.laterErrors.at(-1) ?? null;
  }

  get openSessions() {
    return this.#parts.access.openSessions;
  }
  get refusedLogIns() {
    return this.#parts.access.refusedLogIns;
  }
  expireSessions(): void {
    this.#parts.access.expireSessions();
  }
  setPassword(password: string): void {
    this.#parts.credentials.password = password;
  }

  holdPower(): void {
    this.#parts.gate.hold("power");
  }
  releasePower(): void {
    this.#parts.gate.release("power");
  }
  releaseChange(): boolean {
    return this.#parts.gate.releaseNext();
  }
  get waitingChanges() {
    return this.#parts.gate.waiting;
  }

  get fingerprint() {
    return this.#parts.origin.fingerprint;
  }
  changeCertificate(): string {
    const next = makeCertificate();
    this.#parts.origin.changeCertificate(next);
    return next.fingerprint;
  }
  get isRestarting() {
    return this.#parts.switches.isRestarting;
  }
  dropConnections(): void {
    this.#parts.origin.dropConnections();
  }
  goSilent(): void {
    this.#parts.switches.isSilent = true;
  }
  comeBack(): void {
    this.#parts.switches.isSilent = false;
    this.dropConnections();
  }
  insertNothing(isOn = true): void {
    this.#parts.switches.insertsNothing = isOn;
  }
  neverPowersOn(isOn = true): void {
    this.#parts.switches.neverPowersOn = isOn;
  }

  /** Ends the origin, the machine and everything that waits. */
  async close(): Promise<void> {
    const { faults, gate, drives, subscriptions, origin, machine } = this.#parts;
    faults.release();
    gate.close();
    drives.close();
    subscriptions.close();
    await origin.close();
    await machine.close();
  }
}
