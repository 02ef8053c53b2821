import { ok } from "../answer.ts";
import { collection, type Face, link, managerPath, type Resources, ROOT, systemPath } from "./face.ts";

/** The BMC itself. */
export function addManagers(resources: Resources, face: Face): void {
  const { profile } = face;
  const path = managerPath(face);
  const hasOwnSlots = profile.media.slots.some(({ under }) => under === "manager");
  const isSushy = profile.dialect === "sushy-tools";
  const body = {
    "@odata.type": "#Manager.v1_18_0.Manager",
    "@odata.id": path,
    Id: profile.manager.id,
    Name: isSushy ? `${face.name}-Manager` : "Manager",
    ManagerType: "BMC",
    Model: profile.manager.model,
    FirmwareVersion: profile.manager.firmwareVersion,
    ServiceEntryPointUUID: face.uuid,
    PowerState: "On",
    Status: { State: "Enabled", Health: "OK" },
    // sushy-tools' manager points at the system's media; it has no collection of its own.
    ...(isSushy && { VirtualMedia: link(`${systemPath(face)}/VirtualMedia`) }),
    ...(hasOwnSlots && { VirtualMedia: link(`${path}/VirtualMedia`) }),
    Links: { ManagerForServers: [link(systemPath(face))] },
  };
  resources.set(`${ROOT}/Managers`, {
    GET: () => ok(collection(`${ROOT}/Managers`, "ManagerCollection", [path])),
  });
  resources.set(path, { GET: () => ok({ ...body, DateTime: `${new Date().toISOString().slice(0, 19)}Z` }) });
}
