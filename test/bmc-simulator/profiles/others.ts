import type { Profile, Refusal } from "../profile.ts";
import { generic } from "./models.ts";

const huawei: Profile = {
  ...generic,
  name: "huawei-ibmc",
  source:
    "field notes 10 (VmmControl answers 202 with a task; the image reads back without a port that is not the scheme's own) " +
    "and 2.1 row 39 (Links.Managers)",
  summary: "iBMC: one OEM action for insert and eject, by tasks; reads the image back without its port",
  vendor: "Huawei",
  oem: "Huawei",
  redfishVersion: "1.0.2",
  system: { id: "1", manufacturer: "Huawei", model: "1288H V5" },
  manager: { id: "1", model: "iBMC", firmwareVersion: "6.41" },
  managerLink: "Managers",
  etags: { ...generic.etags, kind: "weak" },
  tasks: { verbs: ["insert", "eject"], retryAfter: "0" },
  media: {
    ...generic.media,
    slots: [{ id: "CD", under: "manager", types: [], isBootable: true }],
    insertBy: "control",
    echoes: "without-port",
    reads: "first-blocks",
  },
  powerLagMs: 20,
  hasBootProgress: false,
};

const INTERNAL: Refusal = {
  status: 400,
  messageId: "ActionParameterNotSupported",
  message: "The parameter Image is not supported by this device.",
};

const cisco: Profile = {
  ...generic,
  name: "cisco-ucs",
  source: "field notes 2.1 row 34 (slots of type DVD alone; those of the KVM refuse with 400)",
  summary: "UCS X: slots of type DVD, the first of which belongs to the KVM and refuses",
  vendor: "Cisco Systems Inc.",
  system: { id: "FCH0001", manufacturer: "Cisco Systems Inc", model: "UCSX-210C-M6" },
  manager: { id: "CIMC", model: "UCSX-210C-M6", firmwareVersion: "5.2(0.230041)" },
  media: {
    ...generic.media,
    slots: [
      { id: "0", under: "manager", types: ["DVD"], isBootable: false, refuses: INTERNAL },
      { id: "1", under: "manager", types: ["DVD"], isBootable: true },
    ],
  },
  powerLagMs: 20,
};

const dgx: Profile = {
  ...generic,
  name: "nvidia-dgx",
  source: "field notes 2.1 row 40 (UserName and Password are mandatory)",
  summary: "DGX: an insert must hold a user name and a password, whatever they are",
  vendor: "NVIDIA",
  system: { id: "DGX", manufacturer: "NVIDIA", model: "DGXH100" },
  media: { ...generic.media, required: ["UserName", "Password"] },
  powerLagMs: 20,
};

const nokia: Profile = {
  ...generic,
  name: "nokia-airframe",
  source:
    "field notes 2.1 rows 37 and 38 (TransferProtocolType is obligatory; the override by the settings object alone)",
  summary: "AirFrame: an insert must name its protocol, overrides go to the settings object",
  vendor: "Nokia",
  system: { id: "Self", manufacturer: "Nokia Solutions and Networks", model: "AirFrame OE" },
  media: { ...generic.media, required: ["TransferProtocolType"] },
  boot: { ...generic.boot, settings: { id: "SD", shows: "override" } },
  powerLagMs: 20,
};

const asrock: Profile = {
  ...generic,
  name: "asrock-rack",
  source: "field notes 2.1 row 41 (a boot object that is not whole is refused)",
  summary: "ASRock Rack: takes whole boot objects only",
  vendor: null,
  system: { id: "Self", manufacturer: "ASRockRack", model: "1U2E-ROME" },
  boot: { ...generic.boot, wantsAll: true },
  powerLagMs: 20,
};

export const others: readonly Profile[] = [huawei, cisco, dgx, nokia, asrock];
