import type { Profile, Refusal } from "../profile.ts";
import { generic } from "./models.ts";

const NOT_IN_THIS_STATE: Refusal = {
  status: 400,
  messageId: "iLO.2.14.InvalidOperationForSystemState",
  message: "The operation was not successful due to the current power state.",
};

const NOT_DURING_POST: Refusal = {
  status: 400,
  messageId: "iLO.2.14.UnableToModifyDuringSystemPOST",
  message: "The value cannot be changed while the system BIOS is in POST.",
};

const ilo5: Profile = {
  ...generic,
  name: "hpe-ilo5",
  source:
    "recorded tree hpe-ilo5-dl360gen10plus (layout, slots, boot, reset types, weak ETags); field notes 2.1 rows 18, 19, 20 " +
    "(eject wants {}, refusals by state and during POST), 2.2 (slot 1 is USB, slot 2 the CD; nothing to eject is refused)",
  summary: "ProLiant DL360 Gen10 Plus: USB first, eject wants a body, refuses by power state and during POST",
  vendor: "HPE",
  oem: "Hpe",
  redfishVersion: "1.20.0",
  system: { id: "1", manufacturer: "HPE", model: "ProLiant DL360 Gen10 Plus" },
  manager: { id: "1", model: "iLO 5", firmwareVersion: "iLO 5 v3.11" },
  sessions: { limit: 8, timeoutSeconds: 1800 },
  etags: { ...generic.etags, kind: "weak" },
  media: {
    ...generic.media,
    slots: [
      { id: "1", under: "manager", types: ["Floppy", "USBStick"], isBootable: false },
      { id: "2", under: "manager", types: ["CD", "DVD"], isBootable: true },
    ],
    hasMakersInsert: true,
    reads: "first-blocks",
    emptyImage: "",
    ejectNeedsBody: true,
    whenEmpty: "refuse",
  },
  boot: {
    ...generic.boot,
    targets: "None Cd Hdd Usb SDCard Utilities Diags BiosSetup Pxe UefiShell UefiHttp UefiTarget".split(" "),
    listsEnabled: false,
    listsModes: false,
    onceEnds: "after-post",
    makersSwitch: "next-reset",
  },
  reset: {
    types: "On ForceOff GracefulShutdown ForceRestart Nmi PushPowerButton GracefulRestart".split(" "),
    listed: "inline",
    whenUnfit: NOT_IN_THIS_STATE,
    afterOff: null,
  },
  post: { ms: 1_000, refusesBoot: NOT_DURING_POST },
  powerLagMs: 20,
  hasBootProgress: false,
};

const ilo6: Profile = {
  ...ilo5,
  name: "hpe-ilo6",
  source: "recorded tree hpe-ilo6-dl380agen11 (as iLO 5, with BootProgress); field notes as for iLO 5",
  summary: "ProLiant DL380a Gen11: as iLO 5, with boot progress",
  system: { ...ilo5.system, model: "ProLiant DL380a Gen11" },
  manager: { ...ilo5.manager, model: "iLO 6", firmwareVersion: "iLO 6 v1.66" },
  hasBootProgress: true,
};

export const hpe: readonly Profile[] = [ilo5, ilo6];
