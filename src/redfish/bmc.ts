import type { OnExchange } from "./client.ts";
import type { DiscBoot } from "./boot.ts";
import type { BootWay } from "./boot-ways.ts";
import type { Finding } from "./finding.ts";
import type { MediaWay } from "./media-actions.ts";
import type { PowerAction, PowerState, Resettable } from "./power.ts";
import type { Ways } from "./quirks/index.ts";
import type { MediaSwitch } from "./remote-media.ts";
import type { SecureBootState } from "./secure-boot.ts";
import type { Slot } from "./slots.ts";
import type { Subscribed, SubscriptionOrder } from "./subscriptions.ts";
import type { System } from "./system.ts";
import type { OnMonitor, TaskState } from "./task.ts";
import type { TlsMode } from "./tls.ts";

/** Which BMC, and as whom. */
export interface BmcTarget {
  address: string;
  tls: TlsMode;
  credentials: { username: string; password: string };
  /** A Redfish Id or an `@odata.id`; null lets the tree decide. */
  systemId: string | null;
}

/** What is to boot next, as the standard spells it; undefined where the BMC has no such property. */
export interface BootOverride {
  enabled: string | undefined;
  target: string | undefined;
  mode: string | undefined;
  /** ETag of the resource that says so. */
  etag: string | undefined;
}

/** What one read of the ComputerSystem says. */
export interface SystemState {
  power: PowerState;
  /** As the system shows it: one that was set in a settings object shows here only when the next boot has applied it. */
  override: BootOverride;
  /** `Status` of the system: its `HealthRollup`, else its `Health`; undefined where it says neither, and in older descriptions. */
  health?: string | undefined;
  /** `BootProgress.LastState` (Redfish ComputerSystem 1.13), or the maker's own word; undefined where the BMC has none. */
  bootProgress: string | undefined;
}

/**
 * What a BMC is and can do: plain data, found once per deployment and kept in its record, so that no later step asks
 * the BMC the same again.
 */
export interface BmcDescription {
  redfishVersion: string | undefined;
  /** UUID of the service, where it gives one. */
  serviceUuid: string | undefined;
  system: Omit<System, "managers">;
  managers: { path: string; model: string | undefined; firmwareVersion: string | undefined }[];
  state: SystemState;
  reset: Resettable["reset"];
  /** Allowed override targets and modes; undefined where the BMC lists none. */
  boot: {
    targets: string[] | undefined;
    modes: string[] | undefined;
    /** Words for how long an override holds; absent where the BMC lists none, and in descriptions of earlier releases. */
    enabled?: string[] | undefined;
    settingsPath: string | undefined;
  };
  /** Those to try first come first. */
  slots: Slot[];
  /** Whether collections can be read with their members in one request. */
  expands: boolean;
  /** The resource whose `Boot.HttpBootUri` the firmware fetches; undefined where the BMC does not offer UEFI HTTP boot. */
  httpBoot?: { path: string } | undefined;
  /** What is missing, in words, where no slot takes a disc. */
  lack: string | undefined;
  /** How remote media are switched on, where the BMC offers that: without it slots are missing or refuse. */
  mediaSwitch: MediaSwitch | undefined;
  /** Where an iDRAC keeps what it boots next. */
  bootAttributesPath: string | undefined;
  /** What worked when this BMC was deployed to last, after other ways had failed: it is tried first. */
  preferred?: Rung | undefined;
  /** The rows that fit this BMC, by which it is treated otherwise than its tree and the standard say. */
  quirks: { name: string; why: string }[];
  /** Of all rows that were there then. */
  rowsDigest: string;
  /** What those rows say together. */
  ways: Ways;
}

/** One way of getting a disc in and booting it. */
export interface Rung {
  /** Of the slot. */
  path: string;
  media: MediaWay;
  boot: BootWay;
}

/** Beside what is asked for. */
export interface Asked {
  /** Told of a task by which the BMC does it, before that is followed. */
  onMonitor?: OnMonitor | undefined;
}

/** One BMC, spoken to in our words. All verbs may throw RedfishError; those that change something never repeat it. */
export interface Bmc {
  /**
   * Finds the system, its managers and slots, asking for nothing twice.
   *
   * @param options.everySlot whether to list slots also where a better one takes discs, and all else that costs requests of
   *   its own; false by default
   */
  describe(options?: { everySlot?: boolean }): Promise<BmcDescription>;
  /**
   * Looks whether the BMC is still as an earlier description has it, with a read of the system and of its disc slots.
   *
   * @returns the description as it is now; undefined when its shape has changed, and then describe it anew
   */
  recheck(description: BmcDescription): Promise<BmcDescription | undefined>;
  /**
   * Finds out, by reads alone, whether this BMC can be used. What fails is a finding and not thrown.
   *
   * @param onDescribed given the description, with every slot, once there is one
   */
  examine(onDescribed?: (description: BmcDescription) => void): Promise<Finding[]>;
  readState(description: BmcDescription): Promise<SystemState>;
  /** Reads the override where it is set: on the system itself or on its settings object. */
  readOverride(description: BmcDescription): Promise<BootOverride>;
  /**
   * Asks only; read the state until it shows.
   *
   * @param options.again whether it was asked for before and did not show, so that the words for it are looked up
   */
  setPower(
    description: BmcDescription,
    action: PowerAction,
    options?: Asked & { again?: boolean },
  ): Promise<void>;
  /** Asks for slots only; look until they are there. Does nothing where the BMC has no such switch. */
  switchMediaOn(description: BmcDescription, asked?: Asked): Promise<void>;
  /** Looks for the slots that the switch brings, and for nothing else. @returns the description with those that are there */
  findSwitchedOn(description: BmcDescription): Promise<BmcDescription>;
  readSlot(slot: Slot): Promise<Slot>;
  /** Asks only; read the slot back and compare with `holds`. */
  insertMedia(slot: Slot, url: string, asked?: Asked): Promise<void>;
  /** Asks only; read the slot back. A refusal to eject from an empty slot is what was wanted and no error. */
  ejectMedia(slot: Slot, asked?: Asked): Promise<void>;
  /** Asks for one boot (or, with `persistent`, every boot) from the virtual disc; read the override back. */
  bootFromDisc(description: BmcDescription, slot: Slot, options: DiscBoot & Asked): Promise<void>;
  /** The same by a maker's own switch, for one boot; `showsMakersBoot` reads it back. */
  bootByMaker(
    description: BmcDescription,
    slot: Slot,
    way: Exclude<BootWay, "override">,
    asked?: Asked,
  ): Promise<void>;
  showsMakersBoot(
    description: BmcDescription,
    slot: Slot,
    way: Exclude<BootWay, "override">,
  ): Promise<boolean>;
  /** @returns undefined where the system shows no Secure Boot */
  readSecureBoot(description: BmcDescription): Promise<SecureBootState | undefined>;
  /** Asks only; read it back. It counts from a later boot on. */
  setSecureBoot(description: BmcDescription, isOn: boolean, asked?: Asked): Promise<void>;
  /** Ends an override: Disabled, or target Hdd where Disabled is refused (sushy-tools). */
  bootFromDisk(description: BmcDescription, asked?: Asked): Promise<void>;
  /** Asks the BMC to restart itself; its machines go on. The answer may be lost with it. */
  resetBmc(description: BmcDescription, asked?: Asked): Promise<void>;
  /** When the BMC was restarted last, as it says itself; undefined where it does not. */
  readLastReset(description: BmcDescription): Promise<string | undefined>;
  /**
   * Looks once at a task that one of the verbs has told of.
   *
   * @throws RedfishError `bmc-rejected` with the task's messages when it failed
   */
  readTask(monitor: string): Promise<TaskState>;
  /** Has the BMC post its events to us, one subscription for all processes; what may not be had is no error. */
  subscribe(order: SubscriptionOrder): Promise<Subscribed>;
  /** Ends it, and nobody else's. */
  unsubscribe(subscription: { path: string | null; context: string }): Promise<void>;
  /** Our address on the connection that last reached this BMC; undefined before the first answer. */
  localAddress(): string | undefined;
  /** Gives the shared session back; it is closed after 30 s without use. */
  release(): void;
}

/** Shares one client and session per BMC among all callers of this process. */
export interface BmcPool {
  /**
   * Never touches the network by itself.
   *
   * @param onExchange told of what is said to the BMC through what is opened here; nothing in it is secret
   * @param traceparent of the trace that it belongs to, which the BMC is told (W3C Trace Context, section 3.2)
   */
  open(target: BmcTarget, onExchange?: OnExchange, traceparent?: string): Bmc;
  /** Logs out of every session and closes every connection. Nothing may be asked of its BMCs afterwards. */
  close(): Promise<void>;
}
