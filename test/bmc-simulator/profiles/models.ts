import type { Profile } from "../profile.ts";

/** What a well-behaved BMC does: the others are told as differences from it. */
export const generic: Profile = {
  name: "generic",
  source: "the Redfish schemas of DSP8010 2024.1, as a BMC follows them that does all they ask for",
  summary: "sessions, ETags, slots under the manager, Once honoured; reads the disc at boot only",
  dialect: "redfish",
  vendor: "Contoso",
  oem: null,
  redfishVersion: "1.17.0",
  system: { id: "1", manufacturer: "Contoso", model: "Model Server 1" },
  otherSystems: [],
  manager: { id: "BMC", model: "Contoso BMC", firmwareVersion: "2.10.00" },
  managerLink: "ManagedBy",
  sessions: { limit: 8, timeoutSeconds: 1800 },
  takesBasic: true,
  expands: true,
  connection: "keep-alive",
  tls: { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" },
  etags: { kind: "strong", inBody: "as-header", ifMatch: "checked" },
  tasks: { verbs: [], retryAfter: "1" },
  media: {
    slots: [
      { id: "Cd", under: "manager", types: ["CD", "DVD"], isBootable: true },
      { id: "Usb", under: "manager", types: ["USBStick"], isBootable: false },
    ],
    listedAfterMs: null,
    insertBy: "action",
    hasMakersInsert: false,
    echoes: "as-given",
    answers: "when-done",
    reads: "nothing",
    copyBytesPerSecond: null,
    emptyImage: null,
    required: [],
    refused: [],
    missingToldBy: "id",
    whenInserted: "refuse",
    whenEmpty: "accept",
    staleMs: 0,
    busyAfterEject: null,
    ejectNeedsBody: false,
    reach: "at-once",
    url: { schemes: ["http", "https"], maxLength: null, forbidden: [] },
  },
  boot: {
    settings: null,
    targets: ["None", "Pxe", "Cd", "Usb", "Hdd", "BiosSetup", "UefiHttp"],
    listsTargets: "everywhere",
    listsEnabled: true,
    listsModes: true,
    discTargets: ["Cd"],
    enabled: ["Disabled", "Once", "Continuous"],
    modes: ["Legacy", "UEFI"],
    firmware: "uefi",
    wantsAll: false,
    wantsEnabled: false,
    targetResetsMode: false,
    onceEnds: "at-power-on",
    secureBoot: "UserMode",
    makersSwitch: null,
    httpUri: null,
    order: "disk",
  },
  reset: {
    types: ["On", "ForceOff", "GracefulShutdown", "ForceRestart", "GracefulRestart", "PowerCycle", "Nmi"],
    listed: "inline",
    whenUnfit: {
      status: 409,
      messageId: "ResourceInUse",
      message: "A Reset of this type does not fit the system's present state.",
    },
    afterOff: null,
  },
  post: { ms: 0, refusesBoot: null },
  powerLagMs: 0,
  hasBootProgress: true,
  events: { isOn: true, limit: 8, types: null, keepsContext: true, sends: true },
};

/** Reads the first blocks inside InsertMedia, and refuses what it cannot read: most BMCs of servers do. */
export const eager: Profile = {
  ...generic,
  name: "eager",
  source: "field notes 2.2 (Dell: the image is read when it is inserted) and 9 i (insert by task)",
  summary: "slots under the system, insert by task; reads the first blocks of the disc at insert",
  etags: { ...generic.etags, kind: "weak" },
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
export const lazy: Profile = {
  ...generic,
  expands: false,
  name: "lazy",
  source: "what the recorded trees gigabyte-ami-megarac-h262 and openbmc-stock-2.15 leave out",
  summary:
    "no ETags, no $expand, no media types, reset types by ActionInfo only; reads the disc at boot only",
  etags: { ...generic.etags, kind: "none", ifMatch: "ignored" },
  media: {
    ...generic.media,
    slots: [{ id: "CD1", under: "manager", types: null, isBootable: true }],
    emptyImage: "None",
    whenInserted: "replace",
  },
  boot: { ...generic.boot, secureBoot: null },
  reset: { ...generic.reset, listed: "action-info", whenUnfit: "accept" },
  hasBootProgress: false,
};

/** Copies the whole image at insert and never asks the server again, so that nobody sees its boot in the reads. */
export const copying: Profile = {
  ...generic,
  name: "copying",
  source: "sushy-tools' emulator, measured, without its other ways",
  summary: "copies the whole disc at insert and boots from the copy",
  media: { ...generic.media, reads: "whole" },
};

/** sushy-tools' emulator over libvirt as measured in 2026; what its flags cannot say is told by its dialect. */
export const sushy: Profile = {
  ...generic,
  expands: false,
  name: "sushy",
  source: "sushy-tools' emulator over libvirt, measured",
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
  etags: { ...generic.etags, kind: "none", ifMatch: "ignored" },
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
    secureBoot: null,
    listsEnabled: false,
  },
  reset: {
    types: ["On", "ForceOff", "GracefulShutdown", "GracefulRestart", "ForceRestart", "Nmi", "ForceOn"],
    listed: "inline",
    whenUnfit: "accept",
    afterOff: null,
  },
  hasBootProgress: false,
  events: null,
};

/** A machine without virtual media whose firmware fetches what it is told to, and reads nothing else by HTTP. */
export const httpBoot: Profile = {
  ...generic,
  name: "http-boot",
  source: "ComputerSystem of DSP8010 2024.1 (UefiHttp since 1.1, HttpBootUri since 1.9), no VirtualMedia",
  summary: "no virtual media at all; UEFI HTTP boot by HttpBootUri",
  media: { ...generic.media, slots: [] },
  boot: { ...generic.boot, discTargets: [], httpUri: { empty: null, isKept: true } },
};
