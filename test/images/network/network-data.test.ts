import assert from "node:assert/strict";
import { ImageError, type NetworkData, parseNetworkData } from "../../../src/images/index.ts";
import { networkConfig } from "../../../src/images/network/cloud-init.ts";
import { dracutArgs } from "../../../src/images/network/dracut.ts";
import { esxiArgs, linuxrcArgs, netcfgArgs } from "../../../src/images/network/installers.ts";
import { prefixOf } from "../../../src/images/network/network-data.ts";
import { type KernelArg, writePlainArg } from "../../../src/images/kernel-args.ts";

const MACS = ["52:54:00:00:00:01", "52:54:00:00:00:02"];
const port = (at: number) => ({ id: `nic${at}`, type: "phy", ethernet_mac_address: MACS[at]! });

/** One port with one address, as most have it. */
const PLAIN = {
  links: [port(0)],
  networks: [
    {
      id: "n0",
      link: "nic0",
      type: "ipv4",
      ip_address: "10.0.0.10",
      netmask: "255.255.255.0",
      routes: [{ network: "0.0.0.0", netmask: "0.0.0.0", gateway: "10.0.0.1" }],
    },
  ],
  services: [
    { type: "dns", address: "10.0.0.2" },
    { type: "dns", address: "10.0.0.3" },
  ],
};

/** A VLAN over a bond of two ports, with both families, beside DHCP. */
const RICH = {
  links: [
    port(0),
    port(1),
    {
      id: "b",
      type: "bond",
      bond_links: ["nic0", "nic1"],
      bond_mode: "802.3ad",
      bond_miimon: 100,
      mtu: 9000,
    },
    { id: "v", type: "vlan", vlan_link: "b", vlan_id: 7 },
  ],
  networks: [
    {
      link: "v",
      type: "ipv6",
      ip_address: "2001:db8::10/64",
      routes: [
        { network: "::", netmask: "0", gateway: "2001:db8::1" },
        { network: "2001:db8:1::", netmask: "ffff:ffff:ffff::", gateway: "2001:db8::2" },
      ],
      services: [{ type: "dns", address: "2001:db8::53" }],
    },
    { link: "b", type: "ipv4_dhcp" },
  ],
};

const read = (value: unknown): NetworkData => parseNetworkData(Buffer.from(JSON.stringify(value)));
const line = (args: readonly KernelArg[]): string => args.map(writePlainArg).join(" ");

describe("network data", () => {
  it("become dracut's arguments", () => {
    assert.equal(
      line(dracutArgs(read(PLAIN))),
      `ifname=net0:${MACS[0]} ip=10.0.0.10::10.0.0.1:255.255.255.0::net0:none nameserver=10.0.0.2 nameserver=10.0.0.3 rd.neednet=1`,
    );
    assert.deepEqual(line(dracutArgs(read(RICH))).split(" "), [
      `ifname=net0:${MACS[0]}`,
      `ifname=net1:${MACS[1]}`,
      "bond=bond0:net0,net1:mode=802.3ad,miimon=100:9000",
      "vlan=bond0.7:bond0",
      "ip=[2001:db8::10]::[2001:db8::1]:64::bond0.7:none",
      "ip=bond0:dhcp:9000",
      "rd.route=[2001:db8:1::/48]:[2001:db8::2]:bond0.7",
      "nameserver=[2001:db8::53]",
      "rd.neednet=1",
    ]);
  });

  it("become NoCloud's network-config, version 2", () => {
    assert.deepEqual(JSON.parse(networkConfig(read(PLAIN)).toString()), {
      version: 2,
      ethernets: {
        net0: {
          match: { macaddress: MACS[0] },
          "set-name": "net0",
          dhcp4: false,
          dhcp6: false,
          addresses: ["10.0.0.10/24"],
          routes: [{ to: "0.0.0.0/0", via: "10.0.0.1" }],
          nameservers: { addresses: ["10.0.0.2", "10.0.0.3"] },
        },
      },
    });
    const rich = JSON.parse(networkConfig(read(RICH)).toString());
    assert.deepEqual(rich.bonds.bond0, {
      interfaces: ["net0", "net1"],
      parameters: { mode: "802.3ad", "mii-monitor-interval": 100 },
      mtu: 9000,
      dhcp4: true,
      dhcp6: false,
    });
    assert.deepEqual(rich.vlans["bond0.7"].routes, [
      { to: "::/0", via: "2001:db8::1" },
      { to: "2001:db8:1::/48", via: "2001:db8::2" },
    ]);
    assert.deepEqual(rich.ethernets.net1, { match: { macaddress: MACS[1] }, "set-name": "net1" });
  });

  it("become the arguments of installers that can be told one address", () => {
    const data = read(PLAIN);
    assert.equal(
      line(netcfgArgs(data)),
      "BOOTIF=01-52-54-00-00-00-01 netcfg/disable_autoconfig=true netcfg/get_ipaddress=10.0.0.10 netcfg/get_netmask=255.255.255.0 netcfg/get_gateway=10.0.0.1 netcfg/get_nameservers=10.0.0.2 netcfg/confirm_static=true",
    );
    assert.equal(line(linuxrcArgs(data)), 'ifcfg="*=10.0.0.10/24,10.0.0.1,10.0.0.2 10.0.0.3"');
    assert.equal(
      line(esxiArgs(data)),
      `netdevice=${MACS[0]} ip=10.0.0.10 netmask=255.255.255.0 gateway=10.0.0.1 nameserver=10.0.0.2`,
    );
    const vlan = { ...PLAIN, links: [port(0), { id: "v", type: "vlan", vlan_link: "nic0", vlan_id: 12 }] };
    vlan.networks = [{ ...PLAIN.networks[0]!, link: "v" }];
    assert.match(line(esxiArgs(read(vlan))), /^netdevice=\S+ vlanid=12 ip=/);
    const dhcp = { links: [port(0)], networks: [{ link: "nic0", type: "ipv4_dhcp" }] };
    assert.equal(line(netcfgArgs(read(dhcp))), "BOOTIF=01-52-54-00-00-00-01");
    assert.equal(line(linuxrcArgs(read(dhcp))), "ifcfg=*=dhcp");
  });

  const unfit: [what: string, data: unknown, tell: (data: NetworkData) => KernelArg[]][] = [
    ["several addresses", RICH, netcfgArgs],
    ["a bond", { ...RICH, networks: [RICH.networks[1]] }, esxiArgs],
    ["a VLAN", { ...RICH, networks: [{ ...PLAIN.networks[0], link: "v" }] }, netcfgArgs],
    ["further routes", { ...RICH, networks: [RICH.networks[0]] }, linuxrcArgs],
    ["two ports without names", { ...PLAIN, links: [port(0), port(1)] }, linuxrcArgs],
    ["IPv6", { ...PLAIN, networks: [{ link: "nic0", type: "ipv6", ip_address: "fd00::1/64" }] }, esxiArgs],
  ];
  for (const [what, data, tell] of unfit)
    it(`are refused with ${what} where an installer cannot be told of it`, () =>
      assert.throws(
        () => tell(read(data)),
        (error) => error instanceof ImageError && error.code === "network-data-unsupported",
      ));

  const [plain] = PLAIN.networks;
  const invalid: [field: string, data: unknown][] = [
    ["networkData", "a text"],
    ["networkData.links", { networks: [] }],
    ["networkData.links.0.ethernet_mac_address", { links: [{ id: "a", type: "phy" }], networks: [] }],
    ["networkData.links.1.id", { links: [port(0), port(0)], networks: [] }],
    [
      "networkData.links.1.bond_links.0",
      { links: [port(0), { id: "b", type: "bond", bond_links: ["x"] }], networks: [] },
    ],
    [
      "networkData.links.1.vlan_id",
      { links: [port(0), { id: "v", type: "vlan", vlan_link: "nic0" }], networks: [] },
    ],
    ["networkData.networks.0.link", { ...PLAIN, networks: [{ ...plain, link: "nic9" }] }],
    ["networkData.networks.0.type", { ...PLAIN, networks: [{ ...plain, type: "ipx" }] }],
    ["networkData.networks.0.ip_address", { ...PLAIN, networks: [{ ...plain, ip_address: "10.0.0" }] }],
    ["networkData.networks.0.netmask", { ...PLAIN, networks: [{ ...plain, netmask: "255.0.255.0" }] }],
    ["networkData.services.0.address", { ...PLAIN, services: [{ type: "dns", address: "dns" }] }],
  ];
  for (const [field, data] of invalid)
    it(`name ${field} where it cannot be`, () =>
      assert.throws(
        () => read(data),
        (error) =>
          error instanceof ImageError &&
          error.code === "network-data-invalid" &&
          error.message.startsWith(`${field} `),
      ));

  it("take prefixes as masks and as lengths", () => {
    const found = ["24", "255.255.255.0", "0.0.0.0", "255.255.255.255", "33", "255.0.255.0", ""].map((text) =>
      prefixOf(text, 4),
    );
    assert.deepEqual(found, [24, 24, 0, 32, undefined, undefined, undefined]);
    const six = ["64", "ffff:ffff:ffff:ffff::", "::", "129"].map((text) => prefixOf(text, 6));
    assert.deepEqual(six, [64, 64, 0, undefined]);
  });
});
