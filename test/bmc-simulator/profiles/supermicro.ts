import type { Profile } from "../profile.ts";
import { generic } from "./models.ts";

const x12: Profile = {
  ...generic,
  expands: false,
  name: "supermicro-x12",
  source:
    "field notes 2.1 rows 25 to 29 (UsbCd, no Inserted or WriteProtected, Enabled always, mode falls to Legacy, no ? or = " +
    "in URLs) and 2.2 (the image's name stays after an eject); the slot's id and the eject's {} as in Supermicro's Redfish " +
    "guide, 7.24; insertion into a slot that holds something refused: 2.2, community.general #6969",
  summary:
    "X12: Cd is taken and does not boot, UsbCd does; strict about what an insert holds; shows old images",
  vendor: "Supermicro",
  redfishVersion: "1.9.0",
  system: { id: "1", manufacturer: "Supermicro", model: "SYS-220U-TNR" },
  manager: { id: "1", model: "ASPEED", firmwareVersion: "01.04.08" },
  sessions: { limit: 16, timeoutSeconds: 300 },
  etags: { ...generic.etags, kind: "weak" },
  media: {
    ...generic.media,
    slots: [{ id: "VirtualMedia1", under: "manager", types: ["CD", "DVD"], isBootable: true }],
    reads: "first-blocks",
    emptyImage: "last",
    refused: ["Inserted", "WriteProtected"],
    ejectNeedsBody: true,
    url: { schemes: ["http", "https"], maxLength: null, forbidden: ["?", "="] },
  },
  boot: {
    ...generic.boot,
    targets: "None Pxe Floppy Cd Usb Hdd BiosSetup UsbCd UefiBootNext UefiHttp".split(" "),
    discTargets: ["UsbCd"],
    wantsEnabled: true,
    targetResetsMode: true,
  },
  reset: {
    types: ["On", "ForceOff", "GracefulShutdown", "GracefulRestart", "ForceRestart", "Nmi", "ForceOn"],
    listed: "action-info",
    whenUnfit: "accept",
    afterOff: null,
  },
  powerLagMs: 20,
  hasBootProgress: false,
};

const x11: Profile = {
  ...x12,
  name: "supermicro-x11",
  source:
    "field notes 2.2 (VM1 collection with Host and Path, IsoConfig.Mount and UnMount: quadsproject/badfish #394); answers that " +
    "badfish's tests have recorded (the collection names the configuration under Oem, and lists CD1 only while something is " +
    "mounted); boot and power as supermicro-x12",
  summary: "X11: where the image lies is written first and then mounted, by actions of its own",
  redfishVersion: "1.0.1",
  system: { id: "1", manufacturer: "Supermicro", model: "X11DPT-B" },
  manager: { ...x12.manager, firmwareVersion: "1.74" },
  etags: { ...generic.etags, kind: "none", ifMatch: "ignored" },
  media: {
    ...generic.media,
    slots: [{ id: "CfgCD", under: "manager", types: null, isBootable: true }],
    insertBy: "mount",
    reads: "first-blocks",
    url: { schemes: ["http"], maxLength: null, forbidden: ["?", "="] },
  },
};

export const supermicro: readonly Profile[] = [x12, x11];
