import assert from "node:assert/strict";
import {
  type DiscData,
  ImageError,
  type NodeFile,
  parseNetworkData,
  placeData,
} from "../../../src/images/index.ts";
import { languageOf } from "../../../src/images/compose/language.ts";
import { writePlainArg } from "../../../src/images/kernel-args.ts";

const NAMES = { uuid: "00000000-0000-8000-8000-000000000007", name: "rack1-u07" };
const NETWORK = parseNetworkData(
  Buffer.from(
    JSON.stringify({
      links: [{ id: "a", type: "phy", ethernet_mac_address: "52:54:00:00:00:01" }],
      networks: [{ link: "a", type: "ipv4", ip_address: "10.0.0.10/24", gateway: "10.0.0.1" }],
    }),
  ),
);
const TEXTS = {
  ignition: '{"ignition":{"version":"3.4.0"}}',
  kickstart: "text\nrootpw --lock\n%packages\n@core\n%end\n",
  preseed: "# answers\nd-i debian-installer/locale string en_US\n",
  autoyast: '<?xml version="1.0"?>\n<!DOCTYPE profile>\n<profile xmlns="http://www.suse.com/1.0/yast2ns"/>\n',
  cloud: "#cloud-config\nhostname: x\n",
};

describe("documents of a node", () => {
  for (const [language, text] of Object.entries(TEXTS))
    it(`are known as ${language} by what they hold`, () =>
      assert.equal(languageOf(Buffer.from(text)), language));

  for (const text of ["", "#!/bin/sh\nrootpw\n", "{}", "{ no json", "<html>", "\x1f\x8b\x08", "hello"])
    it(`are cloud-init's to understand where they are ${JSON.stringify(text)}`, () =>
      assert.equal(languageOf(Buffer.from(text, "latin1")), "cloud"));

  const place = (data: DiscData, label?: string) => {
    const { args, files, ramdiskFiles } = placeData(data, NAMES, label);
    return {
      line: args.map(writePlainArg).join(" "),
      files: Object.fromEntries(files.map(({ path, content }) => [path, textOf(content)])),
      ramdisk: Object.fromEntries(ramdiskFiles.map(({ path, content }) => [path, textOf(content)])),
    };
  };

  const installers = [
    [
      "ignition",
      "/config.ign",
      "ignition.firstboot ignition.platform.id=metal",
      / ip=10\.0\.0\.10::10\.0\.0\.1:/,
    ],
    ["kickstart", "/ks.cfg", "inst.ks=file:/ks.cfg", / ip=10\.0\.0\.10::10\.0\.0\.1:/],
    ["preseed", "/preseed.cfg", "auto=true priority=critical", / netcfg\/get_ipaddress=10\.0\.0\.10 /],
    ["autoyast", "/autoinst.xml", "autoyast=file:///autoinst.xml", / ifcfg=\*=10\.0\.0\.10\/24,10\.0\.0\.1/],
  ] as const;
  for (const [language, path, args, network] of installers)
    it(`lie in the ramdisk where ${language} is read, and the network on the kernel's line`, () => {
      const placed = place({ userData: Buffer.from(TEXTS[language]), networkData: NETWORK });
      assert.deepEqual(placed.ramdisk, { [path]: TEXTS[language] });
      assert.deepEqual(placed.files, {});
      assert.ok(placed.line.startsWith(args), placed.line);
      assert.match(`${placed.line} `, network);
      const refused = { userData: Buffer.from(TEXTS[language]), metaData: Buffer.from("{}") };
      assert.throws(() => place(refused), isNotRead);
    });

  it("are a config drive for all else, and NoCloud's where the label says so", () => {
    const data = {
      userData: Buffer.from(TEXTS.cloud),
      metaData: Buffer.from('{"hostname":"other"}'),
      vendorData: Buffer.from('{"cloud-init":"#cloud-config\\n"}'),
      networkData: NETWORK,
    };
    const drive = place(data);
    assert.equal(drive.line, "");
    assert.deepEqual(Object.keys(drive.files), [
      "/openstack/latest/meta_data.json",
      "/openstack/latest/user_data",
      "/openstack/latest/network_data.json",
      "/openstack/latest/vendor_data2.json",
    ]);
    const meta = JSON.parse(drive.files["/openstack/latest/meta_data.json"]!);
    assert.deepEqual(meta, { uuid: NAMES.uuid, name: NAMES.name, hostname: "other" });
    const noCloud = place({ networkData: NETWORK }, "CIDATA");
    assert.deepEqual(Object.keys(noCloud.files), ["/user-data", "/meta-data", "/network-config"]);
    assert.deepEqual(JSON.parse(noCloud.files["/meta-data"]!), {
      "instance-id": NAMES.uuid,
      "local-hostname": NAMES.name,
    });
  });

  it("are refused where nothing would read them", () => {
    assert.throws(() => place({ networkData: NETWORK }, "OTHER"), isNotRead);
    assert.throws(() => place({ metaData: Buffer.from("hostname: yaml") }), isNotRead);
    assert.throws(() => place({ vendorData: Buffer.from("[]") }), isNotRead);
  });
});

function textOf(content: NodeFile["content"]): string {
  assert.ok(content instanceof Uint8Array);
  return Buffer.from(content).toString();
}

const isNotRead = (error: unknown): boolean => error instanceof ImageError && error.code === "data-not-read";
