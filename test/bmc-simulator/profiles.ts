import type { Profile } from "./profile.ts";

/** What a well-behaved BMC does: the others are told as differences from it. */
const generic: Profile = {
  name: "generic",
  summary: "sessions, ETags, slots under the manager, Once honoured; reads the disc at boot only",
  dialect: "redfish",
  vendor: "Contoso",
  redfishVersion: "1.17.0",
  system: { id: "1", manufacturer: "Contoso", model: "Model Server 1" },
  manager: { id: "BMC", model: "Contoso BMC", firmwareVersion: "2.10.00" },
  sessions: { limit: 8, timeoutSeconds: 1800 },
  takesBasic: true,
  connection: "keep-alive",
  tls: { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" },
  etags: { kind: "strong", ifMatch: "checked" },
  tasks: { verbs: [], retryAfter: "1" },
  media: {
    slots: [
      { id: "Cd", under: "manager", types: ["CD", "DVD"], isBootable: true },
      { id: "Usb", under: "manager", types: ["USBStick"], isBootable: false },
    ],
    insertBy: "action",
    answers: "when-done",
    reads: "nothing",
    copyBytesPerSecond: null,
    emptyImage: null,
    required: [],
    refused: [],
    whenInserted: "refuse",
    whenEmpty: "accept",
    ejectNeedsBody: false,
    reach: "at-once",
    url: { schemes: ["http", "https"], maxLength: null, forbidden: [] },
  },
  boot: {
    at: "system",
    targets: ["None", "Pxe", "Cd", "Usb", "Hdd", "BiosSetup", "UefiHttp"],
    listsTargets: true,
    discTargets: ["Cd"],
    enabled: ["Disabled", "Once", "Continuous"],
    modes: ["Legacy", "UEFI"],
    firmware: "uefi",
    wantsAll: false,
    order: "disk",
  },
  reset: {
    types: ["On", "ForceOff", "GracefulShutdown", "ForceRestart", "GracefulRestart", "PowerCycle", "Nmi"],
    listed: "inline",
    whenUnfit: "refuse",
  },
  powerLagMs: 0,
  hasBootProgress: true,
};

/** Reads the first blocks inside InsertMedia, and refuses what it cannot read: most BMCs of servers do. */
const eager: Profile = {
  ...generic,
  name: "eager",
  summary: "slots under the system, insert by task; reads the first blocks of the disc at insert",
  etags: { kind: "weak", ifMatch: "checked" },
  tasks: { verbs: ["insert"], retryAfter: "1" },
  media: {
    ...generic.media,
    slots: [
      { id: "1", under: "system", types: ["CD", "DVD", "USBStick"], isBootable: true },
      { id: "2", under: "system", types: ["CD", "DVD", "USBStick"], isBootable: true },
    ],
    reads: "first-blocks",
  },
};

/** Touches the disc at boot only, and looks bare: no ETags, no media types, no boot progress (AMI MegaRAC, bmcweb). */
const lazy: Profile = {
  ...generic,
  name: "lazy",
  summary: "no ETags, no media types, reset types by ActionInfo only; reads the disc at boot only",
  etags: { kind: "none", ifMatch: "ignored" },
  media: {
    ...generic.media,
    slots: [{ id: "CD1", under: "manager", types: null, isBootable: true }],
    emptyImage: "None",
    whenInserted: "replace",
  },
  reset: { ...generic.reset, listed: "action-info", whenUnfit: "accept" },
  hasBootProgress: false,
};

/** Copies the whole image at insert and never asks the server again, so that nobody sees its boot in the reads. */
const copying: Profile = {
  ...generic,
  name: "copying",
  summary: "copies the whole disc at insert and boots from the copy",
  media: { ...generic.media, reads: "whole" },
};

/** sushy-tools' emulator over libvirt as measured in 2026; what its flags cannot say is told by its dialect. */
const sushy: Profile = {
  ...generic,
  name: "sushy",
  summary:
    "like sushy-tools' emulator: Basic only, 204 for all, override always Continuous, whole-disc download",
  dialect: "sushy-tools",
  vendor: null,
  redfishVersion: "1.0.2",
  system: { id: "c7a5fdbd-edaf-9455-926a-d65c16db1809", manufacturer: "Sushy Emulator", model: "" },
  manager: { id: "c7a5fdbd-edaf-9455-926a-d65c16db1809", model: "Sushy Emulator", firmwareVersion: "1.00" },
  sessions: null,
  connection: "close",
  tls: { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" },
  etags: { kind: "none", ifMatch: "ignored" },
  media: {
    ...generic.media,
    slots: [
      { id: "Cd", under: "system", types: ["CD", "DVD"], isBootable: true },
      { id: "Floppy", under: "system", types: ["Floppy", "USBStick"], isBootable: false },
    ],
    reads: "whole",
    emptyImage: "",
    whenInserted: "replace",
    reach: "at-power-cycle",
  },
  boot: {
    ...generic.boot,
    targets: ["Pxe", "Cd", "Hdd", "UefiHttp"],
    enabled: ["Continuous"],
  },
  reset: {
    types: ["On", "ForceOff", "GracefulShutdown", "GracefulRestart", "ForceRestart", "Nmi", "ForceOn"],
    listed: "inline",
    whenUnfit: "accept",
  },
  hasBootProgress: false,
};

/** Every profile by its name. */
export const PROFILES: Readonly<Record<string, Profile>> = { generic, eager, lazy, copying, sushy };

/** @throws RangeError that lists the names there are */
export function profileNamed(name: string): Profile {
  const profile = PROFILES[name];
  if (profile === undefined)
    throw new RangeError(
      `no profile is called ${name}; there are ${Object.keys(PROFILES).join(", ")} and mix`,
    );
  return profile;
}
