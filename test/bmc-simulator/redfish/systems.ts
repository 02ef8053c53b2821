import { type Answer, NO_CONTENT, ok, refuse, refuseAs } from "../answer.ts";
import { bootBody, patchBoot } from "./boot.ts";
import {
  collection,
  type Exchange,
  type Face,
  link,
  managerPath,
  propertiesOf,
  type Resources,
  ROOT,
  systemPath,
} from "./face.ts";
import { secureBootResource } from "./secure-boot.ts";

/** The computer system, its NICs and its Reset action. */
export function addSystems(resources: Resources, face: Face): void {
  const path = systemPath(face);
  const { settings } = face.profile.boot;
  const isAtSettings = settings?.shows === "override";
  const others = face.profile.otherSystems.map((id) => `${ROOT}/Systems/${id}`);
  resources.set(`${ROOT}/Systems`, {
    GET: () => ok(collection(`${ROOT}/Systems`, "ComputerSystemCollection", [...others, path])),
  });
  for (const other of others) resources.set(other, { GET: () => ok(identity(face, other)) });
  resources.set(path, {
    GET: () => ok(systemBody(face)),
    ...(!isAtSettings && { PATCH: (exchange: Exchange) => patchBoot(face, exchange) }),
  });
  if (settings !== null) addSettings(resources, face, `${path}/${settings.id}`);
  resources.set(`${path}/Actions/ComputerSystem.Reset`, { POST: (exchange) => reset(face, exchange) });
  if (face.profile.reset.listed === "action-info") addActionInfo(resources, face, `${path}/ResetActionInfo`);
  const { secureBoot: mode } = face.profile.boot;
  if (mode !== null)
    resources.set(`${path}/SecureBoot`, secureBootResource(face, secureBootBody(`${path}/SecureBoot`, mode)));
  addEthernetInterfaces(resources, face, `${path}/EthernetInterfaces`);
  if (face.profile.dialect === "sushy-tools") addDeadLinks(resources, path);
}

function addSettings(resources: Resources, face: Face, path: string): void {
  const isShown = face.profile.boot.settings?.shows === "override";
  resources.set(path, {
    GET: () =>
      ok({
        ...identity(face, path),
        Boot: isShown ? bootBody(face, "settings") : { BootOrder: [], BootSourceOverrideMode: null },
      }),
    ...(isShown && { PATCH: (exchange: Exchange) => patchBoot(face, exchange) }),
  });
}

function identity({ profile }: Face, path: string): Record<string, unknown> {
  return {
    "@odata.type": "#ComputerSystem.v1_20_0.ComputerSystem",
    "@odata.id": path,
    Id: path.split("/").at(-1),
    Name: profile.system.model || "System",
  };
}

function systemBody(face: Face): Record<string, unknown> {
  const { profile, host, machine } = face;
  const path = systemPath(face);
  const hasOwnSlots = profile.media.slots.some(({ under }) => under === "system");
  const isSushy = profile.dialect === "sushy-tools";
  return {
    ...identity(face, path),
    ...(isSushy && { Name: face.name }),
    SystemType: "Physical",
    Manufacturer: profile.system.manufacturer,
    Model: profile.system.model,
    SerialNumber: face.uuid.slice(0, 8).toUpperCase(),
    UUID: face.uuid,
    PowerState: host.power,
    Status: { State: "Enabled", Health: "OK" },
    Boot: bootBody(face, "system"),
    ...(profile.hasBootProgress && {
      BootProgress: { LastState: host.power === "On" ? (machine.bootState ?? "None") : "None" },
    }),
    ...(profile.boot.settings !== null && {
      "@Redfish.Settings": {
        "@odata.type": "#Settings.v1_3_5.Settings",
        SettingsObject: link(`${path}/${profile.boot.settings.id}`),
        SupportedApplyTimes: ["OnReset"],
      },
    }),
    ...(profile.boot.secureBoot !== null && { SecureBoot: link(`${path}/SecureBoot`) }),
    EthernetInterfaces: link(`${path}/EthernetInterfaces`),
    ...(isSushy && { Memory: link(`${path}/Memory`), Storage: link(`${path}/Storage`) }),
    ...(hasOwnSlots && { VirtualMedia: link(`${path}/VirtualMedia`) }),
    ...(profile.managerLink !== null && { Links: { [profile.managerLink]: [link(managerPath(face))] } }),
    Actions: { "#ComputerSystem.Reset": resetAction(face, path) },
  };
}

function secureBootBody(path: string, SecureBootMode: string): Record<string, unknown> {
  const type = "#SecureBoot.v1_1_0.SecureBoot";
  return {
    "@odata.type": type,
    "@odata.id": path,
    Id: "SecureBoot",
    Name: "UEFI Secure Boot",
    SecureBootMode,
  };
}

function resetAction({ profile }: Face, path: string): Record<string, unknown> {
  const { listed, types } = profile.reset;
  return {
    target: `${path}/Actions/ComputerSystem.Reset`,
    ...(listed === "inline" && { "ResetType@Redfish.AllowableValues": types }),
    ...(listed === "action-info" && { "@Redfish.ActionInfo": `${path}/ResetActionInfo` }),
  };
}

export async function reset(face: Face, exchange: Exchange): Promise<Answer> {
  const { profile, host } = face;
  const type = propertiesOf(exchange.body)?.["ResetType"];
  const isKnown = typeof type === "string" && profile.reset.types.includes(type);
  if (!isKnown) {
    if (profile.dialect === "sushy-tools") return NO_CONTENT;
    return type === undefined
      ? refuse(400, "ActionParameterMissing", "The action Reset requires ResetType.", ["ResetType"])
      : refuse(400, "ActionParameterValueNotInList", "The ResetType is not in the list.", ["ResetType"]);
  }
  const { afterOff } = profile.reset;
  if (type === "On" && afterOff !== null && Date.now() < host.offAt + afterOff.ms)
    return refuseAs(afterOff.refusal);
  return face.answerOf("reset", async () => {
    const isDone = await host.reset(type);
    if (isDone) face.act(exchange, { what: "reset", type });
    const { whenUnfit } = profile.reset;
    return isDone || whenUnfit === "accept" ? NO_CONTENT : refuseAs(whenUnfit);
  });
}

function addActionInfo(resources: Resources, { profile }: Face, path: string): void {
  const types = {
    Name: "ResetType",
    Required: true,
    DataType: "String",
    AllowableValues: profile.reset.types,
  };
  const body = {
    "@odata.type": "#ActionInfo.v1_3_0.ActionInfo",
    "@odata.id": path,
    Id: "ResetActionInfo",
    Name: "Reset Action Info",
    Parameters: [types],
  };
  resources.set(path, { GET: () => ok(body) });
}

function addEthernetInterfaces(resources: Resources, { macs }: Face, path: string): void {
  const paths = macs.map((_, index) => `${path}/NIC${index + 1}`);
  resources.set(path, { GET: () => ok(collection(path, "EthernetInterfaceCollection", paths)) });
  for (const [index, mac] of macs.entries()) {
    const body = {
      "@odata.type": "#EthernetInterface.v1_8_0.EthernetInterface",
      "@odata.id": paths[index],
      Id: `NIC${index + 1}`,
      Name: `NIC ${index + 1}`,
      MACAddress: mac,
      PermanentMACAddress: mac,
    };
    resources.set(paths[index]!, { GET: () => ok(body) });
  }
}

/** sushy-tools advertises both; the one is never there, the other fails where no storage is configured. */
function addDeadLinks(resources: Resources, path: string): void {
  resources.set(`${path}/Storage`, {
    GET: () => refuse(500, "GeneralError", "Error finding storage collection by UUID"),
  });
}
