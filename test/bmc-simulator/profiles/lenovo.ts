import type { Profile, Refusal, SlotProfile } from "../profile.ts";
import { generic } from "./models.ts";

const NO_URL_HERE: Refusal = {
  status: 400,
  messageId: "PropertyNotWritable",
  message: "The property Image is a read only property and cannot be assigned a value.",
};

function slots(ids: readonly string[], refuses?: Refusal): SlotProfile[] {
  const types = ["CD", "DVD"];
  return ids.map((id) => ({
    id,
    under: "manager",
    types,
    isBootable: refuses === undefined,
    ...(refuses && { refuses }),
  }));
}

const xcc: Profile = {
  ...generic,
  expands: false,
  name: "lenovo-xcc",
  source:
    "field notes 2.1 row 31 (no actions; PATCH that wants Inserted) and 2.2 (ten predefined slots, RDOC first, only EXT " +
    "take URLs); their order and the unquoted @odata.etag as in the XCC bodies of stmcginnis/gofish's virtualmedia_test.go",
  summary: "ThinkSystem SR630 V2: ten slots of which four take a URL, by PATCH alone",
  vendor: "Lenovo",
  redfishVersion: "1.15.0",
  system: { id: "1", manufacturer: "Lenovo", model: "ThinkSystem SR630 V2" },
  manager: { id: "1", model: "Lenovo XClarity Controller", firmwareVersion: "AFBT20X 1.89" },
  sessions: { limit: 16, timeoutSeconds: 1800 },
  etags: { kind: "strong", inBody: "bare", ifMatch: "checked" },
  media: {
    ...generic.media,
    slots: [
      ...slots(["RDOC1", "RDOC2"], NO_URL_HERE),
      ...slots(["EXT1", "EXT2", "EXT3", "EXT4"]),
      ...slots(["Remote1", "Remote2", "Remote3", "Remote4"], NO_URL_HERE),
    ],
    insertBy: "patch",
    reads: "first-blocks",
    required: ["Inserted"],
  },
  boot: {
    ...generic.boot,
    targets: ["None", "Pxe", "Cd", "Usb", "Hdd", "BiosSetup", "Diags", "UefiTarget"],
    listsModes: false,
  },
  reset: {
    types: ["On", "Nmi", "GracefulShutdown", "GracefulRestart", "ForceOn", "ForceOff", "ForceRestart"],
    listed: "inline",
    whenUnfit: "accept",
    afterOff: null,
  },
  powerLagMs: 20,
};

export const lenovo: readonly Profile[] = [xcc];
