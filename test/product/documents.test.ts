import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { COREOS, DEBIAN, ESXI, RED_HAT, SUSE, SYSTEMD_BOOT, UBUNTU } from "../images/patch/families.ts";
import { makeIso, needIsoMakers, type Recipe, removeWritten } from "../images/patch/fixture.ts";
import { type Product, startProduct } from "./fixture.ts";
import { readDisc } from "./read-disc.ts";

const NETWORK = {
  links: [{ id: "nic0", type: "phy", ethernet_mac_address: "52:54:00:00:00:01" }],
  networks: [{ id: "n", link: "nic0", type: "ipv4", ip_address: "10.0.0.10/24", gateway: "10.0.0.1" }],
  services: [{ type: "dns", address: "10.0.0.2" }],
};
const STAYS = { finish: "powered-on", eject: "never" };

describe("documents for installers, through the whole product", () => {
  let product: Product;
  before(async function () {
    needIsoMakers(this);
    product = await startProduct();
    assert.equal((await product.addNode()).status, 201);
  });
  after(() => product?.stop());
  afterEach(removeWritten);

  const offer = async (recipe: Recipe): Promise<void> => {
    product.iso.content = readFileSync(await makeIso(recipe));
    product.iso.etag = null;
  };
  async function deploy(request: Record<string, unknown>) {
    const accepted = await product.submit({ ...STAYS, ...request });
    assert.equal(accepted.status, 202, JSON.stringify(accepted.body));
    return product.end(accepted.body.id);
  }
  async function discOf(request: Record<string, unknown>): Promise<Record<string, Buffer>> {
    const ended = await deploy(request);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    return readDisc(product.bmc);
  }
  async function sendAhead(bytes: string): Promise<string> {
    const { apiUrl, admin } = product.trayload;
    const response = await fetch(`${apiUrl}/v1/blobs`, {
      method: "POST",
      headers: { authorization: `Bearer ${admin.token}`, "content-type": "application/octet-stream" },
      body: bytes,
    });
    return ((await response.json()) as { blob: string }).blob;
  }

  const families: [Recipe, userData: unknown, path: string, menu: string, args: RegExp][] = [
    [
      RED_HAT,
      "text\n",
      "ks.cfg",
      "EFI/BOOT/grub.cfg",
      /inst\.ks=cdrom:\/ks\.cfg ifname=net0:\S+ ip=10\.0\.0\.10::/,
    ],
    [
      DEBIAN,
      "d-i x/y string z\n",
      "preseed.cfg",
      "boot/grub/grub.cfg",
      /file=\/cdrom\/preseed\.cfg BOOTIF=.* netcfg\/get_ipaddress=10\.0\.0\.10 .*---/,
    ],
    [
      SUSE,
      "<profile/>",
      "autoinst.xml",
      "EFI/BOOT/grub.cfg",
      /autoyast=cd:\/\/\/autoinst\.xml 'ifcfg=\*=10\.0\.0\.10\/24/,
    ],
    [
      ESXI,
      "vmaccepteula\n",
      "KS.CFG",
      "BOOT.CFG",
      /ks=cdrom:\/KS\.CFG netdevice=52:54:00:00:00:01 ip=10\.0\.0\.10 /,
    ],
    [
      UBUNTU,
      "#cloud-config\n",
      "nocloud/user-data",
      "boot/grub/grub.cfg",
      /autoinstall 'ds=nocloud;s=\/cdrom\/nocloud\/'/,
    ],
  ];
  for (const [recipe, userData, path, menu, args] of families)
    it(`lie where the ${recipe.name} installer looks, and its menus make it look, without DHCP`, async () => {
      await offer(recipe);
      const files = await discOf({ userData, networkData: NETWORK });
      assert.equal(String(files[path]), userData);
      assert.match(String(files[menu]), args);
    });

  it("lie in the area that CoreOS has for an Ignition config, which may be written as JSON", async () => {
    await offer(COREOS);
    const files = await discOf({ userData: { ignition: { version: "3.4.0" } } });
    assert.ok(files["images/ignition.img"]!.includes('{"ignition":{"version":"3.4.0"}}'));
  });

  it("are NoCloud's where Ubuntu is told of a network", async () => {
    await offer(UBUNTU);
    const files = await discOf({
      userData: "#cloud-config\n",
      metaData: "instance-id: i-7\n",
      networkData: NETWORK,
    });
    assert.equal(String(files["nocloud/meta-data"]), "instance-id: i-7\n");
    const config = JSON.parse(String(files["nocloud/network-config"]));
    assert.deepEqual(config.ethernets.net0.addresses, ["10.0.0.10/24"]);
  });

  it("come from what was sent ahead and from URLs, and are shown by where they are", async () => {
    await offer(RED_HAT);
    const blob = await sendAhead("a canary that was sent ahead");
    const accepted = await product.submit({
      ...STAYS,
      userData: { blob },
      files: [
        { path: "/own/blob", blob },
        { path: "/own/url", url: product.iso.url },
        { path: "/own/inside", contentBase64: btoa("hello") },
      ],
    });
    assert.equal(accepted.status, 202, JSON.stringify(accepted.body));
    assert.deepEqual(accepted.body.request.userData, { blob });
    assert.deepEqual(accepted.body.request.files, [
      { path: "/own/blob", blob },
      { path: "/own/url", url: product.iso.url, checksum: null },
      { path: "/own/inside", sizeBytes: 5 },
    ]);
    const ended = await product.end(accepted.body.id);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const files = await readDisc(product.bmc);
    assert.equal(String(files["ks.cfg"]), "a canary that was sent ahead");
    assert.equal(String(files["own/blob"]), "a canary that was sent ahead");
    assert.ok(files["own/url"]!.equals(product.iso.content));
    assert.equal(String(files["own/inside"]), "hello");
    assert.doesNotMatch(JSON.stringify(await product.events(ended.id)), /canary/);
  });

  it("are the node's network data where the request says nothing, and none where it says null", async () => {
    await offer(RED_HAT);
    const node = `/v1/nodes/${product.bmc.name}`;
    const changed = await product.call("PATCH", node, { networkData: NETWORK });
    assert.deepEqual([changed.status, changed.body.networkData], [200, NETWORK]);
    const told = await discOf({ kernelArgs: "quiet" });
    assert.match(
      String(told["EFI/BOOT/grub.cfg"]),
      /ip=10\.0\.0\.10::10\.0\.0\.1:255\.255\.255\.0::net0:none/,
    );
    const none = await discOf({ kernelArgs: "quiet", networkData: null });
    assert.doesNotMatch(String(none["EFI/BOOT/grub.cfg"]), /ip=10/);
    const asItIs = await deploy({});
    assert.ok(asItIs.warnings.some((warning: string) => warning.includes("networkData")));
    await product.call("PATCH", node, { networkData: null });
  });

  it("become a config drive on an image that has its label, whatever is on it", async () => {
    await offer(SYSTEMD_BOOT);
    const files = await discOf({ userData: "#!/bin/sh\n", networkData: NETWORK, discLabel: "config-2" });
    assert.equal(String(files["openstack/latest/user_data"]), "#!/bin/sh\n");
    assert.deepEqual(JSON.parse(String(files["openstack/latest/network_data.json"])), NETWORK);
    assert.equal(JSON.parse(String(files["openstack/latest/meta_data.json"])).name, product.bmc.name);
  });

  const unfit: [code: string, recipe: Recipe, request: Record<string, unknown>][] = [
    ["iso-data-not-read", SYSTEMD_BOOT, { userData: "x", ownVia: "patch" }],
    ["iso-data-not-read", RED_HAT, { metaData: { a: 1 }, ownVia: "patch" }],
    ["iso-data-not-read", SYSTEMD_BOOT, { networkData: NETWORK, ownVia: "patch" }],
    ["network-data-unsupported", DEBIAN, { networkData: { ...NETWORK, networks: [] } }],
    ["files-invalid", RED_HAT, { files: [{ path: "/a", contentBase64: "", inRamdisk: true }] }],
    ["files-invalid", RED_HAT, { userData: "x", files: [{ path: "/ks.cfg", contentBase64: "" }] }],
  ];
  for (const [code, recipe, request] of unfit)
    it(`fail with ${code} on ${recipe.name} for ${JSON.stringify(request).slice(0, 40)}, and nothing was touched`, async () => {
      await offer(recipe);
      const actions = product.bmc.actions.length;
      const ended = await deploy(request);
      assert.deepEqual([ended.error?.code, ended.error?.step], [code, "publish-disc"], ended.error?.message);
      assert.equal(product.bmc.actions.length, actions);
    });

  it("fail with network-data-invalid where what was sent ahead cannot be, naming the field", async () => {
    await offer(RED_HAT);
    const blob = await sendAhead(JSON.stringify({ ...NETWORK, links: [{ id: "nic0", type: "phy" }] }));
    const ended = await deploy({ networkData: { blob } });
    assert.equal(ended.error.code, "network-data-invalid");
    assert.match(ended.error.message, /networkData\.links\.0\.ethernet_mac_address/);
  });

  const wrong: [code: string, path: string, request: Record<string, unknown>][] = [
    ["blob-not-found", "userData.blob", { userData: { blob: `blob_${"0".repeat(26)}` } }],
    ["blob-not-found", "files[0].blob", { files: [{ path: "/a", blob: `blob_${"0".repeat(26)}` }] }],
    ["invalid-field", "userData.blob", { userData: { blob: "x" } }],
    ["invalid-field", "userData.sha256", { userData: { url: "http://127.0.0.1/x", sha256: "y" } }],
    ["image-not-allowed", "userData.url", { userData: { url: "ftp://127.0.0.1/x" } }],
    [
      "invalid-field",
      "networkData.networks[0].link",
      { networkData: { ...NETWORK, networks: [{ link: "x", type: "ipv4_dhcp" }] } },
    ],
    [
      "invalid-field",
      "networkData.links[0].ethernet_mac_address",
      { networkData: { ...NETWORK, links: [{ id: "nic0", type: "phy" }] } },
    ],
  ];
  for (const [code, path, request] of wrong)
    it(`are refused at once with ${code} at ${path}`, async () => {
      const { status, body } = await product.submit(request);
      assert.deepEqual([status, body.code, body.errors[0].path], [422, code, path], JSON.stringify(body));
    });
});
