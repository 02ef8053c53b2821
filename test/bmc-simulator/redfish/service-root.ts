import { ok } from "../answer.ts";
import { type Face, link, type Resources, ROOT } from "./face.ts";
import { metadata, serviceDocument } from "./metadata.ts";

/** The service root, and the documents that the standard puts beside it (DSP0266, "Service root request"). */
export function addServiceRoot(resources: Resources, face: Face): void {
  const { profile, uuid } = face;
  const isSushy = profile.dialect === "sushy-tools";
  const body = {
    "@odata.type": "#ServiceRoot.v1_15_0.ServiceRoot",
    "@odata.id": `${ROOT}/`,
    Id: "RootService",
    Name: "Root Service",
    RedfishVersion: profile.redfishVersion,
    UUID: uuid,
    ...(profile.vendor !== null && { Vendor: profile.vendor, Product: profile.manager.model }),
    ...(profile.expands && {
      ProtocolFeaturesSupported: {
        ExpandQuery: { ExpandAll: true, Levels: true, Links: true, NoLinks: true, MaxLevels: 1 },
      },
    }),
    ...(profile.oem !== null && { Oem: { [profile.oem]: {} } }),
    Systems: link(`${ROOT}/Systems`),
    Managers: link(`${ROOT}/Managers`),
    ...(!isSushy && { Tasks: link(`${ROOT}/TaskService`) }),
    ...(profile.events !== null && { EventService: link(`${ROOT}/EventService`) }),
    ...(profile.sessions !== null && {
      SessionService: link(`${ROOT}/SessionService`),
      Links: { Sessions: link(`${ROOT}/SessionService/Sessions`) },
    }),
  };
  resources.set(ROOT, { GET: () => ok(body), open: ["GET"] });
  // sushy-tools has none of these.
  if (isSushy) return;
  resources.set("/redfish", { GET: () => ok({ v1: `${ROOT}/` }), open: ["GET"] });
  resources.set(`${ROOT}/odata`, { GET: () => ok(serviceDocument()), open: ["GET"] });
  const content = metadata();
  resources.set(`${ROOT}/$metadata`, {
    GET: () => ({ status: 200, text: { type: "application/xml;charset=utf-8", content } }),
    open: ["GET"],
  });
}
