import type { Profile } from "../profile.ts";
import { generic } from "./models.ts";

const bmcweb: Profile = {
  ...generic,
  name: "openbmc",
  source:
    "recorded tree openbmc-nvidia-gb200 (two systems of which one is the host, slots under the manager without Image while " +
    "empty, override in the settings object, no modes, no ETags, reset types by ActionInfo)",
  summary: "GB200 NVL by bmcweb: a baseboard listed as a system, overrides in the settings object, no modes",
  vendor: "NVIDIA",
  redfishVersion: "1.17.0",
  system: { id: "System_0", manufacturer: "", model: "GB200 NVL" },
  otherSystems: ["HGX_Baseboard_0"],
  manager: { id: "BMC_0", model: "OpenBmc", firmwareVersion: "GB200Nvl-24.12-8" },
  sessions: { limit: 64, timeoutSeconds: 3600 },
  etags: { ...generic.etags, kind: "none", ifMatch: "ignored" },
  media: {
    ...generic.media,
    slots: [
      { id: "USB2", under: "manager", types: ["CD", "USBStick"], isBootable: true },
      { id: "USB1", under: "manager", types: ["CD", "USBStick"], isBootable: true },
    ],
    emptyImage: "absent",
  },
  boot: {
    ...generic.boot,
    settings: { id: "Settings", shows: "override" },
    targets: ["None", "Pxe", "Hdd", "Cd", "Diags", "BiosSetup", "Usb"],
    modes: null,
  },
  reset: {
    types: "On ForceOff ForceOn ForceRestart GracefulRestart GracefulShutdown Nmi PowerCycle".split(" "),
    listed: "action-info",
    whenUnfit: "accept",
    afterOff: null,
  },
  powerLagMs: 20,
};

export const openbmc: readonly Profile[] = [bmcweb];
