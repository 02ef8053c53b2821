import type { Disc } from "../images/index.ts";

/** A disc under its secret path. */
export interface ExposedDisc {
  kind: "disc";
  /** SHA-256 (hex) of the path's secret; the secret itself is nowhere. */
  secretHash: string;
  recordId: string;
  disc: Disc;
  /** Host of the BMC as its address has it: by it the listener knows whose reads are the machine's. */
  bmcHost: string;
}

/** What the sealed bytes of a disc are bound to: what was sealed opens for its own disc only. */
export function placeOfExtents(discId: string): string {
  return `${discId}/extents`;
}

/** A call-back path. */
export interface ExposedCallback {
  kind: "callback";
  secretHash: string;
  recordId: string;
}

/** A file that an agent reads: a disk image, or a config drive that is too large for a command. */
export interface ExposedFile {
  kind: "file";
  secretHash: string;
  recordId: string;
  disc: Disc;
}

/** The API that an agent calls, below a path of its own. */
export interface ExposedAgent {
  kind: "agent";
  secretHash: string;
  recordId: string;
  /** What the store of agents knows its boot by. */
  bootId: string;
}

/** A path to which a BMC posts its events. */
export interface ExposedEvents {
  kind: "events";
  secretHash: string;
  recordId: string;
}

export type Exposure = ExposedDisc | ExposedCallback | ExposedFile | ExposedAgent | ExposedEvents;

/** What the provisioning listener serves. Entries without an end stay until they are withdrawn. */
export interface Exposures {
  publish(exposure: Exposure): Promise<void>;
  /** Serves the record's exposures of that kind until `until` (RFC 3339); null ends them now. */
  expire(recordId: string, kind: Exposure["kind"], until: string | null): Promise<void>;
  /** @returns undefined for unknown and expired ones alike */
  find(secretHash: string): Promise<Exposure | undefined>;
}

/** Path of a disc on the provisioning listener. One directory deep and ending in `.iso`, or `.img` for sticks and floppies, since some BMCs insist. */
export function discPath(secret: string, ending: "iso" | "img" = "iso"): string {
  return `/${secret}/boot.${ending}`;
}

/** Path of a file on the provisioning listener. */
export function filePath(secret: string): string {
  return `/i/${secret}`;
}

/** Path below which an agent finds its API; the agent adds `/v1/…` itself. */
export function agentPath(secret: string): string {
  return `/a/${secret}`;
}

/** Path to which a BMC posts its events. The secret is not its last part, which would be shown where URLs are. */
export function eventsPath(secret: string): string {
  return `/e/${secret}/events`;
}

/** Path to which an installer posts how it fares. */
export function callbackPath(secret: string): string {
  return `/c/${secret}`;
}
