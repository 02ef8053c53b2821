import { ImageError } from "../errors.ts";
import type { KernelArg } from "../kernel-args.ts";
import type { NetworkData } from "./network-data.ts";
import { maskOf, nameserversOf, type SettledNetwork, settleNetwork } from "./settle.ts";

/** The one address that an installer can be told. */
interface OneAddress {
  mac: string;
  /** As the data have it; null where they do not say. */
  name: string | null;
  /** Tag of its VLAN, where it is in one. */
  vlan: number | null;
  /** Null: by DHCP. */
  fixed: { address: string; prefix: number } | null;
  gateway: string | null;
  nameservers: string[];
  ports: number;
}

/**
 * Debian's installer (Installation guide, B.4.3): one port, and IPv4 or IPv6 on it. It finds the port by `BOOTIF`, as it
 * would after a network boot.
 */
export function netcfgArgs(data: NetworkData): KernelArg[] {
  const one = onlyAddress(data, "Debian's installer", { vlans: false });
  const port = arg("BOOTIF", `01-${one.mac.replaceAll(":", "-")}`);
  if (one.fixed === null) return [port];
  const { address, prefix } = one.fixed;
  return [
    port,
    arg("netcfg/disable_autoconfig", "true"),
    arg("netcfg/get_ipaddress", address),
    arg("netcfg/get_netmask", address.includes(":") ? String(prefix) : maskOf(prefix)),
    arg("netcfg/get_gateway", one.gateway ?? "none"),
    // Blanks part arguments there, whatever quotes say.
    ...one.nameservers.slice(0, 1).map((server) => arg("netcfg/get_nameservers", server)),
    arg("netcfg/confirm_static", "true"),
  ];
}

/** SUSE's linuxrc (SDB:Linuxrc, `ifcfg`), up to SLE 15: one port, which has to be named where there are several. */
export function linuxrcArgs(data: NetworkData): KernelArg[] {
  const one = onlyAddress(data, "SUSE's linuxrc", { vlans: true });
  if (one.name === null && one.ports > 1)
    throw notHonoured("SUSE's linuxrc needs the name of the port (links.name) where a machine has several");
  const on = `${one.name ?? "*"}${one.vlan === null ? "" : `.${one.vlan}`}`;
  if (one.fixed === null) return [arg("ifcfg", `${on}=dhcp`)];
  const { address, prefix } = one.fixed;
  const fields = [`${address}/${prefix}`, one.gateway ?? "", one.nameservers.join(" ")];
  return [arg("ifcfg", `${on}=${fields.join(",").replace(/,+$/, "")}`)];
}

/** ESXi's installer (VMware, "Boot options"): one port by its MAC address, IPv4, perhaps in a VLAN. */
export function esxiArgs(data: NetworkData): KernelArg[] {
  const one = onlyAddress(data, "ESXi's installer", { vlans: true });
  const port = [arg("netdevice", one.mac), ...(one.vlan === null ? [] : [arg("vlanid", String(one.vlan))])];
  if (one.fixed === null) return port;
  const { address, prefix } = one.fixed;
  if (address.includes(":")) throw notHonoured("ESXi's installer takes IPv4 only from its boot options");
  return [
    ...port,
    arg("ip", address),
    arg("netmask", maskOf(prefix)),
    ...(one.gateway === null ? [] : [arg("gateway", one.gateway)]),
    ...one.nameservers.slice(0, 1).map((server) => arg("nameserver", server)),
  ];
}

const arg = (name: string, value: string): KernelArg => ({ name, value });

function onlyAddress(data: NetworkData, who: string, { vlans }: { vlans: boolean }): OneAddress {
  const settled = settleNetwork(data);
  const [address, ...others] = settled.addresses;
  if (address === undefined || others.length > 0)
    throw notHonoured(`${who} can be told one address, and networkData has ${settled.addresses.length}`);
  if (address.routes.length > 0) throw notHonoured(`${who} can be told no routes but the default one`);
  const { port, vlan } = portOf(settled, address.on);
  if (port === undefined) throw notHonoured(`${who} can be told of no bond`);
  if (vlan !== null && !vlans) throw notHonoured(`${who} can be told of no VLAN`);
  return {
    mac: port.mac,
    name: port.givenName,
    vlan,
    fixed: address.fixed,
    gateway: address.gateway,
    nameservers: nameserversOf(settled),
    ports: settled.links.filter(({ kind }) => kind === "port").length,
  };
}

function portOf({ links }: SettledNetwork, name: string) {
  const link = links.find((one) => one.name === name)!;
  const below = link.kind === "vlan" ? links.find((one) => one.name === link.of) : link;
  const port = below?.kind === "port" ? below : undefined;
  return { port, vlan: link.kind === "vlan" ? link.id : null };
}

function notHonoured(message: string): ImageError {
  return new ImageError(message, {
    code: "network-data-unsupported",
    retryable: false,
    hint: "Give what reaches the installer's source, and the whole configuration in its own file (userData).",
  });
}
