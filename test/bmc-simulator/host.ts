import type { Drives } from "./drives.ts";
import type { Boot, Machine } from "./machine.ts";
import type { Gate } from "./pace.ts";
import type { Profile } from "./profile.ts";

/** Boot source override as it reads. */
export interface Override {
  enabled: string;
  target: string;
  mode: string | null;
  /** What the firmware fetches for the target UefiHttp; null for nothing. */
  httpUri: string | null;
}

/** The server that a BMC governs: its power button and its boot order over the machine. */
export interface Host {
  readonly power: "On" | "Off";
  readonly override: Override;
  /** Whether the firmware's self-test is under way. */
  readonly isInPost: boolean;
  /** When a Reset switched the machine off last, in epoch milliseconds. */
  readonly offAt: number;
  setOverride(override: Override): void;
  /** What the next boot is to have, and what the last one had. */
  readonly secureBoot: { isEnabled: boolean; isActive: boolean };
  /** Whether a maker's own switch leads the next boot to the virtual disc. */
  bootsDiscNext: boolean;
  /**
   * Does what a Reset of this type does; resolves when that is done or, where power has a pace, when it is queued.
   * `false` when it does not fit the present state and nothing was done.
   */
  reset(type: string): Promise<boolean>;
  /** Tells the machine that its drive changed, where the profile lets it see that. */
  discChanged(): void;
}

export interface HostParts {
  profile: Profile;
  machine: Machine;
  gate: Gate;
  drives: Drives;
  /** Whether power-on is promised and not done. */
  neverPowersOn: () => boolean;
  /** Called when the machine has gone on or off. */
  onPower: () => void;
}

/** Which resets change something, by what the power is. */
const FITS: Readonly<Record<string, "On" | "Off" | "any">> = {
  On: "Off",
  ForceOn: "Off",
  ForceOff: "On",
  GracefulShutdown: "On",
  GracefulRestart: "On",
  ForceRestart: "On",
  PowerCycle: "On",
  Nmi: "On",
  PushPowerButton: "any",
};

export function createHost({ profile, machine, gate, drives, neverPowersOn, onPower }: HostParts): Host {
  let override = initialOverride(profile);
  let restartsWhenOff = false;
  let lastBoot: Boot | null = null;
  let postEndsAt = 0;
  let isOnceInUse = false;
  let offAt = 0;

  const isInPost = () => machine.isOn && Date.now() < postEndsAt;

  /** Once ends with the boot that it caused, on some not before the self-test is over. */
  function useUpOnce(): void {
    if (!isOnceInUse || (profile.boot.onceEnds === "after-post" && Date.now() < postEndsAt)) return;
    isOnceInUse = false;
    override = { ...override, enabled: "Disabled", target: "None" };
  }

  function bootFromNow(): Boot {
    host.secureBoot.isActive = host.secureBoot.isEnabled;
    const isLed = host.bootsDiscNext;
    host.bootsDiscNext = false;
    const isDisc = override.enabled !== "Disabled" && override.target !== "None";
    const toDisc = profile.boot.discTargets.includes(override.target);
    const from = isLed ? "disc" : isDisc ? (toDisc ? "disc" : "disk") : profile.boot.order;
    const mode = override.mode === null ? profile.boot.firmware : override.mode === "UEFI" ? "uefi" : "bios";
    isOnceInUse = override.enabled === "Once";
    const isHttp = isDisc && override.target === "UefiHttp" && mode === "uefi";
    if (isHttp && override.httpUri !== null) return { disc: override.httpUri, from: "http", mode };
    return { disc: drives.bootableDisc(), from, mode };
  }

  function start(): void {
    if (neverPowersOn()) return;
    lastBoot = bootFromNow();
    postEndsAt = Date.now() + profile.post.ms;
    useUpOnce();
    machine.powerOn(lastBoot);
    onPower();
  }

  machine.onSelf = (what) => {
    const isRestart = what === "rebooted" || restartsWhenOff;
    restartsWhenOff = false;
    if (!isRestart) return onPower();
    // A restart from within is no power cycle: such a machine keeps the disc and the order it was started with.
    if (profile.media.reach === "at-power-cycle" && lastBoot !== null) machine.powerOn(lastBoot);
    else start();
  };

  const deeds: Readonly<Record<string, () => void | Promise<void>>> = {
    On: start,
    ForceOn: start,
    async ForceOff() {
      await machine.forceOff();
      offAt = Date.now();
      onPower();
    },
    GracefulShutdown: () => machine.shutDown(),
    GracefulRestart: () => {
      restartsWhenOff = true;
      return machine.shutDown();
    },
    ForceRestart: cycle,
    PowerCycle: cycle,
    PushPowerButton: () => (machine.isOn ? machine.shutDown() : start()),
  };

  async function cycle(): Promise<void> {
    await machine.forceOff();
    start();
  }

  const power = () => (machine.isOn ? "On" : "Off");

  const host: Host = {
    bootsDiscNext: false,
    secureBoot: { isEnabled: false, isActive: false },
    get power() {
      return power();
    },
    get override() {
      useUpOnce();
      return override;
    },
    get offAt() {
      return offAt;
    },
    get isInPost() {
      return isInPost();
    },
    setOverride(next) {
      isOnceInUse = false;
      override = next;
    },
    async reset(type) {
      const fits = FITS[type];
      if (fits !== "any" && fits !== power()) return false;
      const done = gate.pass("power", profile.powerLagMs, async () => {
        restartsWhenOff = false;
        useUpOnce();
        // A self-test that is cut short leaves Once for the next boot.
        isOnceInUse = false;
        // What was fitting when it was asked may be so no longer when its time has come.
        if (fits === "any" || fits === power()) await deeds[type]?.();
      });
      if (gate.isOpen("power") && profile.powerLagMs === 0) await done;
      return true;
    },
    discChanged() {
      if (machine.isOn && profile.media.reach === "at-once") machine.changeDisc(drives.bootableDisc());
    },
  };
  return host;
}

function initialOverride({ dialect, boot }: Profile): Override {
  const mode = boot.modes === null ? null : boot.firmware === "uefi" ? "UEFI" : "Legacy";
  if (dialect === "sushy-tools") return { enabled: "Continuous", target: "Hdd", mode, httpUri: null };
  return { enabled: "Disabled", target: "None", mode, httpUri: null };
}
