import { isIPv4, isIPv6 } from "node:net";
import * as z from "zod";
import { ImageError } from "../errors.ts";

const address = z
  .string()
  .refine((text) => isIPv4(text) || isIPv6(text), "must be an IPv4 or IPv6 address, such as 10.0.0.10");
const id = z.string().min(1).max(64);
const mac = z
  .string()
  .regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i, "must be a MAC address like 52:54:00:12:34:56");
const mtu = z.int().min(68).max(65_535).nullish();

const link = z.looseObject({
  id,
  type: z.string().min(1).max(32).meta({ description: "`phy` and others for a port, `bond`, `vlan`" }),
  name: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,15}$/, "must be a name of an interface")
    .exactOptional(),
  ethernet_mac_address: mac.nullish(),
  mtu,
  bond_links: z.array(id).min(1).max(16).exactOptional(),
  bond_mode: z
    .string()
    .regex(/^[a-z0-9.-]{1,16}$/)
    .exactOptional(),
  bond_miimon: z.union([z.int(), z.string().regex(/^\d{1,6}$/)]).exactOptional(),
  bond_xmit_hash_policy: z
    .string()
    .regex(/^[a-z0-9+]{1,16}$/)
    .exactOptional(),
  vlan_link: id.exactOptional(),
  vlan_id: z.int().min(1).max(4094).exactOptional(),
  vlan_mac_address: mac.nullish(),
});

const service = z.looseObject({ type: z.string().max(32), address });

const network = z.looseObject({
  id: id.exactOptional(),
  link: id.meta({ description: "Id of a link" }),
  type: z.enum([
    "ipv4",
    "ipv4_dhcp",
    "ipv6",
    "ipv6_dhcp",
    "ipv6_slaac",
    "ipv6_dhcpv6-stateful",
    "ipv6_dhcpv6-stateless",
  ]),
  ip_address: z.string().max(64).exactOptional().meta({ description: "Perhaps with its prefix length" }),
  netmask: z.string().max(64).exactOptional(),
  gateway: address.nullish(),
  routes: z
    .array(z.looseObject({ network: address, netmask: z.string().max(64), gateway: address }))
    .max(64)
    .exactOptional(),
  services: z.array(service).max(16).exactOptional(),
  dns_nameservers: z.array(address).max(16).exactOptional(),
});

/** OpenStack's `network_data.json`, as Ironic takes it; what it does not name is kept as it is. */
export const networkDataSchema = z
  .looseObject({
    links: z.array(link).min(1).max(64),
    networks: z.array(network).max(64),
    services: z.array(service).max(16).exactOptional(),
  })
  .check(({ value, issues }) => {
    for (const { path, message } of findContradictions(value))
      issues.push({ code: "custom", input: value, path, message });
  })
  .meta({ id: "NetworkData", description: "OpenStack's network_data.json" });

export type NetworkData = z.output<typeof networkDataSchema>;

interface Contradiction {
  path: (string | number)[];
  message: string;
}

function findContradictions({ links, networks }: z.output<typeof networkDataSchema>): Contradiction[] {
  const ids = links.map((one) => one.id);
  const known = new Set(ids);
  const found: Contradiction[] = [];
  const say = (path: (string | number)[], message: string): void => void found.push({ path, message });
  for (const [at, one] of links.entries()) {
    const path = ["links", at];
    if (ids.indexOf(one.id) !== at) say([...path, "id"], "is the id of another link too");
    if (one.type === "bond") {
      if (one.bond_links === undefined) say([...path, "bond_links"], "is needed for a bond");
      for (const [index, part] of (one.bond_links ?? []).entries())
        if (!known.has(part) || part === one.id) say([...path, "bond_links", index], "names no other link");
    } else if (one.type === "vlan") {
      if (one.vlan_id === undefined) say([...path, "vlan_id"], "is needed for a VLAN");
      if (one.vlan_link === one.id || !known.has(one.vlan_link ?? ""))
        say([...path, "vlan_link"], "names no other link");
    } else if (typeof one.ethernet_mac_address !== "string")
      say([...path, "ethernet_mac_address"], "is needed, to know the port by");
  }
  for (const [at, one] of networks.entries()) {
    if (!known.has(one.link)) say(["networks", at, "link"], "names no link");
    if (one.type === "ipv4" || one.type === "ipv6") found.push(...judgeAddress(one, at));
    for (const [index, route] of (one.routes ?? []).entries())
      if (prefixOf(route.netmask, isIPv6(route.network) ? 6 : 4) === undefined)
        say(["networks", at, "routes", index, "netmask"], "must be a netmask or a prefix length");
  }
  return found;
}

function judgeAddress(one: z.output<typeof network>, at: number): Contradiction[] {
  const family = one.type === "ipv4" ? 4 : 6;
  const [text = "", prefix] = (one.ip_address ?? "").split("/");
  if (!(family === 4 ? isIPv4(text) : isIPv6(text)))
    return [{ path: ["networks", at, "ip_address"], message: `must be an IPv${family} address` }];
  if (prefixOf(prefix ?? one.netmask ?? "", family) !== undefined) return [];
  return [{ path: ["networks", at, "netmask"], message: "must be a netmask or a prefix length" }];
}

/** The length of a prefix that is written as one, or as a mask. */
export function prefixOf(text: string, family: 4 | 6): number | undefined {
  const most = family === 4 ? 32 : 128;
  if (/^\d{1,3}$/.test(text)) return Number(text) <= most ? Number(text) : undefined;
  const bits = family === 4 ? bitsOfV4(text) : bitsOfV6(text);
  return bits !== undefined && /^1*0*$/.test(bits) ? bits.lastIndexOf("1") + 1 : undefined;
}

function bitsOfV4(text: string): string | undefined {
  if (!isIPv4(text)) return undefined;
  return text
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
}

/** Masks of IPv6 are written as `ffff:ffff:ffff:ffff::`. */
function bitsOfV6(text: string): string | undefined {
  if (!isIPv6(text) || text.includes(".")) return undefined;
  const [head = "", tail = ""] = text.split("::");
  const words = (part: string): string[] => part.split(":").filter((word) => word !== "");
  const missing = 8 - words(head).length - words(tail).length;
  const all = [...words(head), ...Array.from({ length: Math.max(missing, 0) }, () => "0"), ...words(tail)];
  return all.map((word) => Number.parseInt(word, 16).toString(2).padStart(16, "0")).join("");
}

/**
 * Reads network data as a file has them.
 *
 * @throws ImageError `network-data-invalid`, which names the field
 */
export function parseNetworkData(bytes: Uint8Array): NetworkData {
  const read = networkDataSchema.safeParse(jsonOf(bytes));
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw invalid(`${["networkData", ...path].map(String).join(".")} ${message}`);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    throw invalid("networkData is no JSON");
  }
}

function invalid(message: string): ImageError {
  return new ImageError(message, {
    code: "network-data-invalid",
    retryable: false,
    hint: "Write it as OpenStack's network_data.json: links with MAC addresses, networks that name them, services.",
  });
}
