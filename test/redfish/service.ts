import type { IncomingMessage } from "node:http";
import { type Peer, type Reply, startPeer } from "./https-peer.ts";

/** A small Redfish service with sessions, one system and one slot, as most BMCs lay it out. */
export interface Service {
  peer: Peer;
  /** Tokens that are valid now. */
  tokens: Set<string>;
  /** The password that it takes. */
  password: string;
  /** Answers instead of the tree, by `METHOD path`. */
  instead: Record<string, Reply>;
  /** `METHOD path` of what was asked so far, without the prefix `/redfish/v1`. */
  asked(): string[];
}

const link = (path: string) => ({ "@odata.id": `/redfish/v1${path}` });
const SLOT = "/Systems/1/VirtualMedia/CD1";
const TREE: Record<string, object> = {
  "/": { RedfishVersion: "1.15.0", Systems: link("/Systems"), Links: { Sessions: link("/Sessions") } },
  "/Systems": { Members: [link("/Systems/1")] },
  "/Systems/1": {
    Id: "1",
    PowerState: "Off",
    Boot: {
      BootSourceOverrideEnabled: "Disabled",
      BootSourceOverrideMode: "UEFI",
      "BootSourceOverrideTarget@Redfish.AllowableValues": ["Cd", "Hdd"],
    },
    VirtualMedia: link("/Systems/1/VirtualMedia"),
    Links: { ManagedBy: [link("/Managers/1")] },
    Actions: { "#ComputerSystem.Reset": { target: "/redfish/v1/Systems/1/Reset" } },
  },
  "/Systems/1/VirtualMedia": { Members: [link(SLOT)] },
  [SLOT]: {
    Id: "CD1",
    MediaTypes: ["CD"],
    Inserted: false,
    Actions: {
      "#VirtualMedia.InsertMedia": { target: `/redfish/v1${SLOT}/Insert` },
      "#VirtualMedia.EjectMedia": { target: `/redfish/v1${SLOT}/Eject` },
    },
  },
  "/Managers/1": { Model: "BMC", VirtualMedia: link("/Managers/1/VirtualMedia") },
  "/Managers/1/VirtualMedia": { Members: [link("/Managers/1/VirtualMedia/CD")] },
  "/Managers/1/VirtualMedia/CD": { Id: "CD", MediaTypes: ["CD"], Inserted: false },
};

/** Starts it; stop its peer at the end. */
export async function startService(tls?: { key: string; cert: string }): Promise<Service> {
  let granted = 0;
  const answer = (request: IncomingMessage, body: string) => {
    const path = request.url!.replace("/redfish/v1", "");
    const instead = service.instead[`${request.method} ${path}`];
    if (instead !== undefined) return typeof instead === "function" ? instead(request, body) : instead;
    if (path === "/") return { body: JSON.stringify(TREE["/"]) };
    if (path === "/Sessions" && request.method === "POST") return logIn(body);
    const token = request.headers["x-auth-token"] as string;
    if (!service.tokens.has(token)) return { status: 401 };
    if (request.method === "DELETE") return { status: logOut(path) ? 204 : 404 };
    if (request.method !== "GET") return { status: 204 };
    return path in TREE ? { body: JSON.stringify(TREE[path]) } : { status: 404 };
  };
  const peer = await startPeer([answer], tls);
  const service: Service = {
    peer,
    tokens: new Set(),
    password: "calvin",
    instead: {},
    asked: () => peer.requests.map(({ method, url }) => `${method} ${url!.replace("/redfish/v1", "")}`),
  };
  const logOut = (path: string) => service.tokens.delete(`token-${path.split("/").at(-1)}`);
  function logIn(body: string) {
    if (JSON.parse(body).Password !== service.password) return { status: 401 };
    const token = `token-${(granted += 1)}`;
    service.tokens.add(token);
    return {
      status: 201,
      headers: { "x-auth-token": token, location: `http://bmc.example/redfish/v1/Sessions/${granted}` },
    };
  }
  return service;
}
