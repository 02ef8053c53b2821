import type { KernelArg } from "../kernel-args.ts";
import type { NetworkData } from "./network-data.ts";
import { maskOf, nameserversOf, type SettledAddress, type SettledLink, settleNetwork } from "./settle.ts";

/**
 * Network data as the arguments that dracut reads (dracut.cmdline(7), "Network"), and with it the installers of Red Hat's
 * family, Agama, and CoreOS. Ports get names of ours by their MAC addresses.
 */
export function dracutArgs(data: NetworkData): KernelArg[] {
  const settled = settleNetwork(data);
  return [
    ...settled.links.flatMap(linkArgs),
    ...settled.addresses.map((address) => addressArg(address, settled.links)),
    ...settled.addresses.flatMap(({ routes, on }) =>
      routes.map(({ to, prefix, via }) =>
        arg("rd.route", `${inBrackets(`${to}/${prefix}`)}:${inBrackets(via)}:${on}`),
      ),
    ),
    ...nameserversOf(settled).map((server) => arg("nameserver", inBrackets(server))),
    arg("rd.neednet", "1"),
  ];
}

const arg = (name: string, value: string): KernelArg => ({ name, value });

/** Colons separate fields, so whatever has some of its own stands in brackets. */
const inBrackets = (text: string): string => (text.includes(":") ? `[${text}]` : text);

function linkArgs(link: SettledLink): KernelArg[] {
  if (link.kind === "port") return [arg("ifname", `${link.name}:${link.mac}`)];
  if (link.kind === "vlan") return [arg("vlan", `${link.name}:${link.of}`)];
  const options = link.options.map(([name, value]) => `${name}=${value}`).join(",");
  const mtu = link.mtu === null ? "" : `:${link.mtu}`;
  return [arg("bond", `${link.name}:${link.of.join(",")}:${options}${mtu}`)];
}

function addressArg({ on, family, fixed, how, gateway }: SettledAddress, links: SettledLink[]): KernelArg {
  const mtu = links.find(({ name }) => name === on)?.mtu ?? null;
  const end = mtu === null ? "" : `:${mtu}`;
  if (fixed === null) {
    const way = how === "auto" ? "auto6" : family === 4 ? "dhcp" : "dhcp6";
    return arg("ip", `${on}:${way}${end}`);
  }
  const mask = family === 4 ? maskOf(fixed.prefix) : String(fixed.prefix);
  const via = gateway === null ? "" : inBrackets(gateway);
  return arg("ip", `${inBrackets(fixed.address)}::${via}:${mask}::${on}:none${end}`);
}
