import { createHash } from "node:crypto";

/** JSON, as cloud-init and Ignition are given it. */
export type JsonObject = Record<string, unknown>;

/** What a node's system is told about itself (OpenStack, "Metadata service", as a config drive has it). */
export interface InstanceData {
  metaData?: JsonObject | undefined;
  /** As it is: `#cloud-config`, a script, or an Ignition config. */
  userData?: Uint8Array | undefined;
  networkData?: JsonObject | undefined;
  vendorData?: JsonObject | undefined;
}

/** What the meta data say unless they were given. */
export interface InstanceNames {
  /** A system that meets another one runs its first-boot work again. */
  uuid: string;
  /** Host name. */
  name: string;
}

/** Meta data with what cloud-init cannot do without: a `uuid`, which becomes its instance id. */
export function wholeMetaData({ metaData = {} }: InstanceData, { uuid, name }: InstanceNames): JsonObject {
  return { uuid, name, hostname: name, ...metaData };
}

/** A UUID (RFC 9562, version 8) that is always the same for the same text. */
export function uuidOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
