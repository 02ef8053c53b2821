import { isIPv6 } from "node:net";
import { type NetworkData, prefixOf } from "./network-data.ts";

/** One address of a machine, and what goes with it. */
export interface SettledAddress {
  /** Interface by the name that it is given. */
  on: string;
  family: 4 | 6;
  /** Null: asked for by DHCP, or heard from routers. */
  fixed: { address: string; prefix: number } | null;
  how: "fixed" | "dhcp" | "auto";
  /** Of the default route. */
  gateway: string | null;
  routes: { to: string; prefix: number; via: string }[];
  nameservers: string[];
}

/** A port, a bond or a VLAN, by the name that it is given. */
export type SettledLink = { name: string; mtu: number | null } & (
  | { kind: "port"; mac: string; givenName: string | null }
  | { kind: "bond"; of: string[]; options: [name: string, value: string][] }
  | { kind: "vlan"; of: string; id: number }
);

/** Network data in one form, whatever way they were written. */
export interface SettledNetwork {
  links: SettledLink[];
  addresses: SettledAddress[];
  /** For all of them. */
  nameservers: string[];
}

type Link = NetworkData["links"][number];
type Network = NetworkData["networks"][number];

/** Names interfaces in the order of the links, and brings every address into one form. */
export function settleNetwork({ links, networks, services = [] }: NetworkData): SettledNetwork {
  const names = nameLinks(links);
  const nameOf = (id: string): string => names.get(id)!;
  return {
    links: links.map((link) => settleLink(link, nameOf)),
    addresses: networks.map((network) => settleAddress(network, nameOf)),
    nameservers: dnsOf(services),
  };
}

/** Not `eth0`: those names belong to the kernel, which gives them in an order of its own. */
function nameLinks(links: readonly Link[]): Map<string, string> {
  const names = new Map<string, string>();
  let ports = 0;
  let bonds = 0;
  for (const { id, type } of links) {
    if (type === "bond") names.set(id, `bond${bonds++}`);
    else if (type !== "vlan") names.set(id, `net${ports++}`);
  }
  for (const { id, type, vlan_link: parent, vlan_id: tag } of links)
    if (type === "vlan") names.set(id, `${names.get(parent!) ?? "net0"}.${tag}`);
  return names;
}

function settleLink(link: Link, nameOf: (id: string) => string): SettledLink {
  const shared = { name: nameOf(link.id), mtu: link.mtu ?? null };
  if (link.type === "vlan")
    return { ...shared, kind: "vlan", of: nameOf(link.vlan_link!), id: link.vlan_id! };
  if (link.type !== "bond")
    return {
      ...shared,
      kind: "port",
      mac: link.ethernet_mac_address!.toLowerCase(),
      givenName: link.name ?? null,
    };
  const options = Object.entries({
    mode: link.bond_mode,
    miimon: link.bond_miimon,
    xmit_hash_policy: link.bond_xmit_hash_policy,
  }).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));
  return { ...shared, kind: "bond", of: link.bond_links!.map(nameOf), options };
}

function settleAddress(network: Network, nameOf: (id: string) => string): SettledAddress {
  const family = network.type.startsWith("ipv4") ? 4 : 6;
  const isFixed = network.type === "ipv4" || network.type === "ipv6";
  const [address = "", prefix] = (network.ip_address ?? "").split("/");
  const routes = (network.routes ?? []).map((route) => ({
    to: route.network,
    prefix: prefixOf(route.netmask, isIPv6(route.network) ? 6 : 4)!,
    via: route.gateway,
  }));
  return {
    on: nameOf(network.link),
    family,
    fixed: isFixed ? { address, prefix: prefixOf(prefix ?? network.netmask ?? "", family)! } : null,
    how: isFixed ? "fixed" : /dhcp$|stateful$/.test(network.type) ? "dhcp" : "auto",
    gateway: routes.find((route) => route.prefix === 0)?.via ?? network.gateway ?? null,
    routes: routes.filter((route) => route.prefix !== 0),
    nameservers: [...dnsOf(network.services ?? []), ...(network.dns_nameservers ?? [])],
  };
}

function dnsOf(services: readonly { type: string; address: string }[]): string[] {
  return services.filter(({ type }) => type === "dns").map(({ address }) => address);
}

/** All name servers, each once. */
export function nameserversOf({ nameservers, addresses }: SettledNetwork): string[] {
  return Array.from(new Set([...addresses.flatMap((one) => one.nameservers), ...nameservers]));
}

/** A prefix length of IPv4 as a mask. */
export function maskOf(prefix: number): string {
  const bits = "1".repeat(prefix).padEnd(32, "0");
  return [0, 8, 16, 24].map((at) => Number.parseInt(bits.slice(at, at + 8), 2)).join(".");
}
