import type { Profile, Refusal, SlotProfile } from "../profile.ts";
import { generic } from "./models.ts";

const MEDIA_TYPES = ["CD", "DVD", "USBStick"];

/** What the manager's own path answers since 6.00.02, whatever the URL (field notes 2.2). */
const NOT_ACCESSIBLE: Refusal = {
  status: 500,
  messageId: "IDRAC.2.8.RAC0904",
  message: "Unable to complete the operation because the remote file location is not accessible.",
};

const SLOTS: readonly SlotProfile[] = [
  { id: "1", under: "system", types: MEDIA_TYPES, isBootable: true },
  { id: "2", under: "system", types: MEDIA_TYPES, isBootable: true },
  { id: "RemovableDisk", under: "manager", types: ["USBStick"], isBootable: false, refuses: NOT_ACCESSIBLE },
  { id: "CD", under: "manager", types: ["CD", "DVD"], isBootable: false, refuses: NOT_ACCESSIBLE },
];

const idrac9: Profile = {
  ...generic,
  name: "dell-idrac9",
  source:
    "recorded tree dell-idrac9-7.10-r750 (layout, slots, boot, reset types, no ETags); field notes 2.1 rows 9 and 16 (busy " +
    "after an eject, power lag), row 53 (repeated reset), 2.2 (RAC0904 by the manager's path, RAC0720 for long URLs), 9 a " +
    "(503 in HTML)",
  summary: "PowerEdge R750: slots under both, only the system's work; busy after an eject; power lags",
  vendor: "Dell",
  oem: "Dell",
  redfishVersion: "1.18.0",
  system: { id: "System.Embedded.1", manufacturer: "Dell Inc.", model: "PowerEdge R750" },
  manager: { id: "iDRAC.Embedded.1", model: "15G Monolithic", firmwareVersion: "7.10.30.00" },
  sessions: { limit: 8, timeoutSeconds: 1800 },
  etags: { ...generic.etags, kind: "none", ifMatch: "ignored" },
  media: {
    ...generic.media,
    slots: SLOTS,
    reads: "first-blocks",
    busyAfterEject: {
      ms: 90,
      answer: { status: 503, html: "<html><head><title>503 Service Unavailable</title></head></html>" },
    },
    url: { schemes: ["http", "https"], maxLength: 256, forbidden: [] },
  },
  boot: {
    ...generic.boot,
    settings: { id: "Settings", shows: "mode" },
    targets: "None Pxe Floppy Cd Hdd BiosSetup Utilities UefiTarget SDCard UefiHttp".split(" "),
    listsEnabled: false,
    listsModes: false,
    makersSwitch: "dell-attributes",
  },
  reset: {
    types: "On ForceOff ForceRestart GracefulRestart GracefulShutdown PushPowerButton Nmi PowerCycle".split(
      " ",
    ),
    listed: "inline",
    whenUnfit: {
      status: 409,
      messageId: "GeneralError",
      message: "The server is in that power state already.",
    },
    afterOff: null,
  },
  powerLagMs: 40,
};

const idrac9Older: Profile = {
  ...idrac9,
  name: "dell-idrac9-6.00",
  source:
    "recorded tree dell-idrac9-6.00-r750 (no settings object, no BootProgress); field notes 2.1 row 10 (Inserted is stale " +
    "after an eject), the others as for dell-idrac9",
  summary: "as dell-idrac9 with the firmware of 2022: the slot reads as full for a while after an eject",
  redfishVersion: "1.13.1",
  manager: { ...idrac9.manager, firmwareVersion: "6.00.30.00" },
  media: { ...idrac9.media, staleMs: 60, busyAfterEject: null },
  boot: { ...idrac9.boot, settings: null },
  hasBootProgress: false,
};

/** Two slots alike, of which only the first boots; targets only in the settings object; On refused just after an off. */
const idrac10: Profile = {
  ...idrac9,
  name: "dell-idrac10",
  source:
    "field notes 2.1 rows 5, 6, 7 (second slot never boots, no manager's slots, targets listed by the settings object " +
    "alone, 409 to On after an off) and 2.2 (iDRAC10); no recorded tree, the rest as dell-idrac9",
  summary:
    "17G: two slots of which the first alone boots, targets in the settings object, On refused just after an off",
  redfishVersion: "1.20.1",
  system: { ...idrac9.system, model: "PowerEdge R670" },
  manager: { ...idrac9.manager, model: "17G Monolithic", firmwareVersion: "1.20.25.00" },
  media: {
    ...idrac9.media,
    slots: [
      { id: "1", under: "system", types: MEDIA_TYPES, isBootable: true },
      { id: "2", under: "system", types: MEDIA_TYPES, isBootable: false },
    ],
    busyAfterEject: null,
  },
  boot: { ...idrac9.boot, settings: { id: "Settings", shows: "override" }, listsTargets: "settings" },
  reset: {
    ...idrac9.reset,
    afterOff: {
      ms: 300,
      refusal: {
        status: 409,
        messageId: "ActionParameterValueConflict",
        message: "The parameter ResetType with the requested value of On does not meet the current state.",
      },
    },
  },
};

export const dell: readonly Profile[] = [idrac9, idrac9Older, idrac10];
