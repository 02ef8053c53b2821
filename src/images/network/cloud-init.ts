import type { NetworkData } from "./network-data.ts";
import { nameserversOf, type SettledAddress, type SettledLink, settleNetwork } from "./settle.ts";

/**
 * Network data as the `network-config` that NoCloud reads, version 2 (cloud-init, "Networking config Version 2"). It is
 * JSON, which is YAML too.
 */
export function networkConfig(data: NetworkData): Buffer {
  const settled = settleNetwork(data);
  const everywhere = nameserversOf({ ...settled, addresses: [] });
  const sections: Record<"ethernets" | "bonds" | "vlans", Record<string, object>> = {
    ethernets: {},
    bonds: {},
    vlans: {},
  };
  for (const link of settled.links) {
    const addresses = settled.addresses.filter(({ on }) => on === link.name);
    const config = { ...linkConfig(link), ...addressConfig(addresses, everywhere) };
    sections[SECTIONS[link.kind]][link.name] = config;
  }
  const used = Object.entries(sections).filter(([, links]) => Object.keys(links).length > 0);
  return Buffer.from(`${JSON.stringify({ version: 2, ...Object.fromEntries(used) }, null, 1)}\n`);
}

const SECTIONS = { port: "ethernets", bond: "bonds", vlan: "vlans" } as const;
const OPTIONS: Record<string, string> = {
  mode: "mode",
  miimon: "mii-monitor-interval",
  xmit_hash_policy: "transmit-hash-policy",
};

function linkConfig(link: SettledLink): object {
  const mtu = link.mtu === null ? {} : { mtu: link.mtu };
  if (link.kind === "port") return { match: { macaddress: link.mac }, "set-name": link.name, ...mtu };
  if (link.kind === "vlan") return { id: link.id, link: link.of, ...mtu };
  const parameters = link.options.map(([name, value]) => [
    OPTIONS[name],
    /^\d+$/.test(value) ? +value : value,
  ]);
  return { interfaces: link.of, parameters: Object.fromEntries(parameters), ...mtu };
}

function addressConfig(addresses: readonly SettledAddress[], everywhere: readonly string[]): object {
  const fixed = addresses.flatMap((one) =>
    one.fixed === null ? [] : [`${one.fixed.address}/${one.fixed.prefix}`],
  );
  const routes = addresses.flatMap(({ gateway, family, routes: others }) => [
    ...(gateway === null ? [] : [{ to: family === 4 ? "0.0.0.0/0" : "::/0", via: gateway }]),
    ...others.map(({ to, prefix, via }) => ({ to: `${to}/${prefix}`, via })),
  ]);
  const servers = addresses.flatMap(({ nameservers }) => nameservers);
  const all = Array.from(new Set(addresses.length === 0 ? [] : [...servers, ...everywhere]));
  const asks = (family: 4 | 6): boolean =>
    addresses.some((one) => one.family === family && one.how === "dhcp");
  return {
    ...(addresses.length === 0 ? {} : { dhcp4: asks(4), dhcp6: asks(6) }),
    ...(fixed.length === 0 ? {} : { addresses: fixed }),
    ...(routes.length === 0 ? {} : { routes }),
    ...(all.length === 0 ? {} : { nameservers: { addresses: all } }),
  };
}
