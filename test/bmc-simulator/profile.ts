/** What can be asked of a BMC and may be answered by a task (202) instead of at once. */
export type Verb = "insert" | "eject" | "reset" | "boot";

/** One virtual-media device. */
export interface SlotProfile {
  id: string;
  /** Which resource lists it. */
  under: "system" | "manager";
  /** Redfish MediaTypes; null where the BMC does not list them. */
  types: readonly string[] | null;
  /** Whether firmware finds a disc in it. iDRAC10 has a second, identical slot that never boots. */
  isBootable: boolean;
}

export interface MediaProfile {
  slots: readonly SlotProfile[];
  insertBy: "action" | "patch";
  /** Without a task: whether the answer comes after the media is in, or before. */
  answers: "when-done" | "at-once";
  /** What is read from the image server inside the insert. "whole" keeps a copy, and machines boot from that. */
  reads: "nothing" | "first-blocks" | "whole";
  /** How fast "whole" is; null for as fast as it goes. */
  copyBytesPerSecond: number | null;
  /** How Image reads while nothing is in; "absent" leaves the property out. */
  emptyImage: null | "" | "None" | "absent";
  /** Parameters besides Image that an insert must have, and that it must not have. */
  required: readonly string[];
  refused: readonly string[];
  whenInserted: "replace" | "refuse";
  /** Ejecting from an empty slot. */
  whenEmpty: "accept" | "refuse";
  /** HPE iLO wants `{}` where the standard wants no body. */
  ejectNeedsBody: boolean;
  /** When the machine gets to see a change of media. */
  reach: "at-once" | "at-power-cycle";
  url: { schemes: readonly string[]; maxLength: number | null; forbidden: readonly string[] };
}

export interface BootProfile {
  /** Where Boot is patched: on the system, or on its settings object. */
  at: "system" | "settings";
  targets: readonly string[];
  listsTargets: boolean;
  /** The accepted targets that really lead to the virtual disc. Supermicro X11 takes Cd and boots UsbCd only. */
  discTargets: readonly string[];
  enabled: readonly string[];
  /** Null where the BMC has no BootSourceOverrideMode; the machine then boots in `firmware` mode. */
  modes: readonly string[] | null;
  firmware: "uefi" | "bios";
  /** ASRock Rack and AMI refuse a PATCH that lacks one of Enabled, Target, Mode. */
  wantsAll: boolean;
  /** What boots without an override. */
  order: "disk" | "disc";
}

/** How one kind of BMC differs from another: data only, so that families can be added without code. */
export interface Profile {
  name: string;
  /** One sentence for `--help` and the README. */
  summary: string;
  /** Whose words and rules it speaks where the differences are too many to be single fields. */
  dialect: "redfish" | "sushy-tools";
  vendor: string | null;
  redfishVersion: string;
  system: { id: string; manufacturer: string; model: string };
  manager: { id: string; model: string; firmwareVersion: string };
  /** Null: no session service at all. */
  sessions: { limit: number; timeoutSeconds: number } | null;
  takesBasic: boolean;
  connection: "keep-alive" | "close";
  tls: { minVersion: "TLSv1.2" | "TLSv1.3"; maxVersion: "TLSv1.2" | "TLSv1.3" };
  etags: { kind: "none" | "weak" | "strong"; ifMatch: "ignored" | "checked" | "required" };
  /** What is answered 202, and the Retry-After of those answers (seconds or an HTTP date; null: none). */
  tasks: { verbs: readonly Verb[]; retryAfter: string | null };
  media: MediaProfile;
  boot: BootProfile;
  reset: {
    types: readonly string[];
    listed: "inline" | "action-info" | "nowhere";
    /** A reset that does not fit the present state (On when on, ForceRestart when off). */
    whenUnfit: "accept" | "refuse";
  };
  /** Between a Reset's answer and the change, on top of the lab's pace. */
  powerLagMs: number;
  hasBootProgress: boolean;
}
