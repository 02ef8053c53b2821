import type { Profile } from "../profile.ts";
import { generic } from "./models.ts";

const megarac: Profile = {
  ...generic,
  name: "ami-megarac",
  source:
    "recorded tree gigabyte-ami-megarac-h262 (Self, one slot without MediaTypes, the word None for empty, weak ETags, four " +
    "reset types by ActionInfo); recorded bodies _fragments/error-bodies (asks for TransferProtocolType, in prose); field " +
    "notes 2.1 rows 33, 41, 45 (whole boot objects, 412 and 428)",
  summary: "MegaRAC in a Gigabyte H262: wants the protocol of an insert, whole boot objects and If-Match",
  vendor: null,
  oem: "Ami",
  redfishVersion: "1.7.0",
  system: { id: "Self", manufacturer: "GIGABYTE", model: "H262-Z63-00" },
  manager: { id: "Self", model: "410810600", firmwareVersion: "12.84.13" },
  sessions: { limit: 4, timeoutSeconds: 300 },
  etags: { kind: "weak", inBody: "as-header", ifMatch: "required" },
  media: {
    ...generic.media,
    slots: [{ id: "CD1", under: "manager", types: null, isBootable: true }],
    reads: "first-blocks",
    emptyImage: "None",
    required: ["TransferProtocolType"],
    missingToldBy: "prose",
  },
  boot: {
    ...generic.boot,
    targets:
      "None Pxe Floppy Cd Usb Hdd BiosSetup Utilities UefiShell UefiTarget SDCard UefiHttp RemoteDrive UefiBootNext".split(
        " ",
      ),
    firmware: "bios",
    wantsAll: true,
  },
  reset: {
    types: ["On", "ForceOff", "ForceRestart", "GracefulShutdown"],
    listed: "action-info",
    whenUnfit: "accept",
    afterOff: null,
  },
  powerLagMs: 20,
  hasBootProgress: false,
};

const megaracSwitchedOff: Profile = {
  ...megarac,
  name: "ami-megarac-off",
  source:
    "field notes 10 (no slot is listed until EnableRMedia and ConfigureCDInstance have run); both actions with their values as " +
    "in the recorded tree gigabyte-ami-megarac-h262, the rest as ami-megarac",
  summary: "as ami-megarac, with remote media switched off: no slot is listed before it is switched on",
  media: { ...megarac.media, listedAfterMs: 100 },
};

export const ami: readonly Profile[] = [megarac, megaracSwitchedOff];
