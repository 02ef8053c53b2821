/** What can be asked of a BMC and may be answered by a task (202) instead of at once. */
export type Verb = "insert" | "eject" | "reset" | "boot";

/** A refusal in a BMC's words: a name in the Base registry, or a whole MessageId of the maker's own (`IDRAC.2.8.RAC0904`). */
export interface Refusal {
  status: number;
  messageId: string;
  message: string;
}

/** One virtual-media device. */
export interface SlotProfile {
  id: string;
  /** Which resource lists it. */
  under: "system" | "manager";
  /** Redfish MediaTypes; null where the BMC does not list them. */
  types: readonly string[] | null;
  /** Whether firmware finds a disc in it. iDRAC10 has a second, identical slot that never boots. */
  isBootable: boolean;
  /** Takes what is inserted, shows it, and never reads a byte of it. */
  isDead?: boolean;
  /** Takes no URL, since the remote console's viewer sends the disc; only recorded trees have such. */
  isFedByConsole?: boolean;
  /** How it refuses every URL; left out where it takes them. Lenovo lists slots for uploads and for the console too. */
  refuses?: Refusal;
}

export interface MediaProfile {
  slots: readonly SlotProfile[];
  /** For so long after AMI's OEM actions have switched remote media on the slots are not listed yet; null: they always are. */
  listedAfterMs: number | null;
  /** "control": by Huawei's one action for insert and eject, "mount": by Supermicro's IsoConfig; without the standard's. */
  insertBy: "action" | "patch" | "control" | "mount";
  /** Whether slots show the standard's actions; where not, they are there all the same. True unless told. */
  showsActions?: boolean;
  /** Whether slots have the maker's own actions beside the standard's, as HPE's do. */
  hasMakersInsert: boolean;
  /** How Image reads while something is in: as it was given, or without a port that is not the scheme's own. */
  echoes: "as-given" | "without-port";
  /** Without a task: whether the answer comes after the media is in, or before. */
  answers: "when-done" | "at-once";
  /** What is read from the image server inside the insert. "whole" keeps a copy, and machines boot from that. */
  reads: "nothing" | "first-blocks" | "whole";
  /** How fast "whole" is; null for as fast as it goes. */
  copyBytesPerSecond: number | null;
  /** How Image reads while nothing is in; "absent" leaves the property out, "last" shows what was in before. */
  emptyImage: null | "" | "None" | "absent" | "last";
  /** Parameters besides Image that an insert must have, and that it must not have. */
  required: readonly string[];
  refused: readonly string[];
  /** How it says that one is missing: by message id and RelatedProperties, or in prose under GeneralError alone. */
  missingToldBy: "id" | "prose";
  whenInserted: "replace" | "refuse";
  /** Ejecting from an empty slot. */
  whenEmpty: "accept" | "refuse";
  /** For so long after an eject the slot still reads as it did before. */
  staleMs: number;
  /** For so long after an eject every insert is refused thus; a text is sent as HTML. */
  busyAfterEject: { ms: number; answer: Refusal | { status: number; html: string } } | null;
  /** HPE iLO wants `{}` where the standard wants no body. */
  ejectNeedsBody: boolean;
  /** When the machine gets to see a change of media. */
  reach: "at-once" | "at-power-cycle";
  url: { schemes: readonly string[]; maxLength: number | null; forbidden: readonly string[] };
}

export interface BootProfile {
  /**
   * The settings object by its last path segment. One that shows the override is where Boot is patched; one that shows
   * the mode alone is beside the matter. Null for none: Boot is patched on the system.
   */
  settings: { id: string; shows: "override" | "mode" } | null;
  targets: readonly string[];
  /** "settings": by the settings object alone. */
  listsTargets: "everywhere" | "settings" | "nowhere";
  listsEnabled: boolean;
  listsModes: boolean;
  /** The accepted targets that really lead to the virtual disc. Supermicro X11 takes Cd and boots UsbCd only. */
  discTargets: readonly string[];
  enabled: readonly string[];
  /** Null where the BMC has no BootSourceOverrideMode; the machine then boots in `firmware` mode. */
  modes: readonly string[] | null;
  firmware: "uefi" | "bios";
  /** ASRock Rack and AMI refuse a PATCH that lacks one of Enabled, Target, Mode. */
  wantsAll: boolean;
  /** Supermicro wants Enabled in every PATCH. */
  wantsEnabled: boolean;
  /** Supermicro falls back to Legacy when a target comes without a mode. */
  targetResetsMode: boolean;
  /** When Once is used up: at power-on, or when the firmware's self-test is over. */
  onceEnds: "at-power-on" | "after-post";
  /** SecureBootMode; null where the system shows no Secure Boot. */
  secureBoot: "SetupMode" | "UserMode" | "DeployedMode" | null;
  /** By which maker's own switch the next boot can be led to the disc, too: an iDRAC's attributes, a slot's of HPE's. */
  makersSwitch: "dell-attributes" | "next-reset" | null;
  /**
   * How HttpBootUri reads while nothing is set, and whether what is set is kept; null where Boot has none. The firmware
   * fetches it when the target is UefiHttp.
   */
  httpUri: { empty: null | "" | "None"; isKept: boolean } | null;
  /** What boots without an override. */
  order: "disk" | "disc";
}

/** How one kind of BMC differs from another: data only, so that families can be added without code. */
export interface Profile {
  name: string;
  /** Where each of its differences was seen: a recorded tree, a field note by its section and row, or a schema. */
  source: string;
  /** One sentence for `--help` and the README. */
  summary: string;
  /** Whose words and rules it speaks where the differences are too many to be single fields. */
  dialect: "redfish" | "sushy-tools";
  vendor: string | null;
  /** The maker's name under the service root's Oem; null for none. */
  oem: string | null;
  redfishVersion: string;
  system: { id: string; manufacturer: string; model: string };
  /** Systems that are listed before it and are not the host: without Boot, and without a Reset. */
  otherSystems: readonly string[];
  manager: { id: string; model: string; firmwareVersion: string };
  /** By which of its links the system names its manager; null: by none. */
  managerLink: "ManagedBy" | "Managers" | null;
  /** Null: no session service at all. */
  sessions: { limit: number; timeoutSeconds: number } | null;
  takesBasic: boolean;
  /** Whether collections come with their members for `$expand=.`, as the root then says (DSP0266, "Expand parameter"). */
  expands: boolean;
  connection: "keep-alive" | "close";
  tls: { minVersion: "TLSv1.2" | "TLSv1.3"; maxVersion: "TLSv1.2" | "TLSv1.3" };
  etags: {
    kind: "none" | "weak" | "strong";
    /** How `@odata.etag` reads: as the header does, or without its quotes. */
    inBody: "as-header" | "bare";
    ifMatch: "ignored" | "checked" | "required";
  };
  /** What is answered 202, and the Retry-After of those answers (seconds or an HTTP date; null: none). */
  tasks: { verbs: readonly Verb[]; retryAfter: string | null };
  media: MediaProfile;
  boot: BootProfile;
  reset: {
    types: readonly string[];
    listed: "inline" | "action-info" | "nowhere";
    /** A reset that does not fit the present state (On when on, ForceRestart when off): taken and nothing done, or refused. */
    whenUnfit: "accept" | Refusal;
    /** How On is refused for so long after an off; null: it is not. */
    afterOff: { ms: number; refusal: Refusal } | null;
  };
  /** The firmware's self-test after power-on, and how a PATCH of Boot is refused meanwhile; null: it is not. */
  post: { ms: number; refusesBoot: Refusal | null };
  /** Between a Reset's answer and the change, on top of the lab's pace. */
  powerLagMs: number;
  hasBootProgress: boolean;
  /**
   * The event service; null where there is none. `types` are those that a subscription may name (null: none is listed, and
   * none taken), `sends` is false for one that promises and never tells.
   */
  events: {
    isOn: boolean;
    limit: number;
    types: readonly string[] | null;
    keepsContext: boolean;
    sends: boolean;
  } | null;
}
