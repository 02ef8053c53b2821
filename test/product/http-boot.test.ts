import assert from "node:assert/strict";
import { asModelMachine, type ProfileChanges, profileNamed, variantOf } from "../bmc-simulator/index.ts";
import { type Product, type ProductOptions, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";
const SYSTEM = "/redfish/v1/Systems/1";
const THEIRS = "http://somebody:password@pxe.example/boot.efi";

describe("a BMC without virtual media that offers UEFI HTTP boot", () => {
  let product: Product;
  afterEach(() => product.stop());

  async function begin(changes: ProfileChanges = {}, options: ProductOptions = {}): Promise<void> {
    product = await startProduct({ profile: variantOf("http-boot", changes), ...options });
    const added = await product.addNode();
    assert.equal(added.status, 201, JSON.stringify(added.body));
  }

  /** Somebody else's address, set past Trayload. */
  async function setTheirs(uri: string): Promise<void> {
    const { address, username, password } = product.bmc;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    const read = await fetch(address + SYSTEM, { headers: { authorization } });
    const headers = {
      authorization,
      "content-type": "application/json",
      "if-match": read.headers.get("etag")!,
    };
    const body = JSON.stringify({ Boot: { HttpBootUri: uri } });
    const { status } = await fetch(address + SYSTEM, { method: "PATCH", headers, body });
    assert.equal(status, 204);
  }
  const uriNow = () => product.bmc.override.httpUri;
  const node = async () => (await product.call("GET", `/v1/nodes/${product.bmc.name}`)).body;
  const callBack = () => `${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`;

  async function preflight(): Promise<(check: string) => { outcome: string; detail: string }> {
    const path = `/v1/nodes/${product.bmc.name}/preflight?waitMs=30000`;
    const { body } = await product.call("POST", path, {});
    return (check) => body.result.find((line: { check: string }) => line.check === check);
  }

  /** One that ends with its disc out. */
  function deployWhole() {
    asModelMachine(product.bmc.machine).behave({ script: [{ callBack: callBack() }] });
    return product.deploy({ callbackSecret: CALLBACK_SECRET });
  }

  it("boots the disc by it, once, proven by what was read, and ends it", async () => {
    await begin();
    const ended = await deployWhole();
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(ended.clean, true);
    assert.equal(product.bmc.bootedFrom?.from, "http");
    const found = ended.evidence.map(({ what, how }: Record<string, string>) => `${what}: ${how}`).join("\n");
    assert.match(found, /inserted: HttpBootUri of \/redfish\/v1\/Systems\/1 reads back as ours/);
    assert.match(found, /first-byte/);
    assert.match(ended.warnings.join("\n"), /booted by UEFI HTTP boot.*DHCP/);
    const asked = product.bmc.actions.filter(({ what }) => what === "override");
    assert.ok(asked.some((one) => "target" in one && one.target === "UefiHttp" && one.enabled === "Once"));
    assert.equal(uriNow(), null);
    assert.equal((await node()).media, null);
  });

  it("gets back the address that somebody else had set, which nobody is shown", async () => {
    await begin();
    await setTheirs(THEIRS);
    const ended = await deployWhole();
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(uriNow(), THEIRS);
    await product.events(ended.id);
    const told = [...product.answers, ...product.logged].filter((text) => text.includes("somebody:password"));
    assert.deepEqual(told, []);
  });

  it("gets it back from the node's next deployment, where the disc was left", async () => {
    await begin();
    await setTheirs(THEIRS);
    const left = await product.deploy({ bootPolicy: "persistent" });
    assert.equal(left.state, "succeeded", JSON.stringify(left.error));
    assert.equal((await node()).media.slot, SYSTEM);
    assert.match(uriNow() ?? "", /\/boot\.iso$/);
    const next = await deployWhole();
    assert.equal(next.state, "succeeded", JSON.stringify(next.error));
    assert.equal(uriNow(), THEIRS);
  });

  it("gets it back from an eject by hand", async () => {
    await begin();
    await setTheirs(THEIRS);
    await product.deploy({ bootPolicy: "persistent" });
    const path = `/v1/nodes/${product.bmc.name}/media/eject?waitMs=30000`;
    const { body } = await product.call("POST", path);
    assert.equal(body.state, "succeeded", JSON.stringify(body.error));
    assert.equal(uriNow(), THEIRS);
  });

  it("is owed the address while it is away, and is paid when it is back", async () => {
    await begin({}, { timing: { owedMs: 200 } });
    await setTheirs(THEIRS);
    const { body } = await product.submit({ callbackSecret: CALLBACK_SECRET });
    const seen = async () => (await product.call("GET", `/v1/deployments/${body.id}`)).body;
    await until(async () => (await seen()).step === "wait-for-finish");
    product.bmc.setPassword("changed by somebody");
    product.bmc.expireSessions();
    await fetch(callBack(), { method: "POST" });
    const ended = await product.end(body.id);
    assert.deepEqual([ended.state, ended.clean], ["succeeded", false]);
    assert.match((await node()).media.owed, /refused the log-in/);
    await product.restart();
    await rememberPassword();
    await until(async () => (await node()).media === null);
    assert.equal(uriNow(), THEIRS);
  });

  async function rememberPassword(): Promise<void> {
    const path = `/v1/nodes/${product.bmc.name}`;
    const { headers } = await product.call("GET", path);
    const known = { bmc: { password: product.bmc.password } };
    const type = "application/merge-patch+json";
    const { status } = await product.call("PATCH", path, known, {
      "if-match": headers.get("etag")!,
      "content-type": type,
    });
    assert.equal(status, 200);
  }

  it("fails with what is the matter where the address is taken and not kept", async () => {
    await begin({ boot: { httpUri: { empty: "", isKept: false } } });
    const ended = await product.deploy();
    assert.equal(ended.state, "failed");
    assert.equal(ended.error.code, "media-not-inserted");
    assert.match(ended.error.message, /took HttpBootUri of .* and does not show it/);
    assert.equal(ended.clean, true);
  });

  it("takes the whole Boot where the BMC wants it whole", async () => {
    await begin({ boot: { wantsAll: true } });
    const ended = await deployWhole();
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.deepEqual([ended.clean, uriNow()], [true, null]);
  });

  it("refuses boot mode bios before anything is touched", async () => {
    await begin();
    const ended = await product.deploy({ bootMode: "bios" });
    assert.equal(ended.error.code, "slot-not-found");
    assert.match(ended.error.message, /UEFI HTTP boot is offered, and the boot mode is bios/);
    assert.deepEqual(product.bmc.actions, []);
  });

  it("refuses where nobody but BMCs may read discs", async () => {
    await begin({}, { settings: { DISC_SOURCES: "bmc" } });
    const ended = await product.deploy();
    assert.equal(ended.error.code, "slot-not-found");
    assert.match(ended.error.message, /TRAYLOAD_DISC_SOURCES/);
    assert.deepEqual(product.bmc.actions, []);
  });

  it("is told in a preflight which way would be taken", async () => {
    await begin();
    const found = await preflight();
    assert.equal(found("slots").outcome, "warn");
    assert.match(found("slots").detail, /booted by UEFI HTTP boot instead \(HttpBootUri of \S+Systems\/1\)/);
    assert.match(found("boot-targets").detail, /^UefiHttp/);
    assert.equal((await node()).capabilities.httpBoot, SYSTEM);
    assert.deepEqual(product.bmc.actions, []);
  });

  it("is told in a preflight what is missing where it lists the target alone", async () => {
    await begin({ boot: { httpUri: null } });
    assert.match((await preflight())("slots").detail, /target UefiHttp is listed without an HttpBootUri/);
    const ended = await product.deploy();
    assert.equal(ended.error.code, "slot-not-found");
    assert.match(ended.error.message, /UefiHttp is listed without an HttpBootUri/);
  });

  it("is the last rung where the slots that there are take nothing", async () => {
    const refuses = { status: 400, messageId: "ActionNotSupported", message: "Not here." };
    const slots = profileNamed("generic").media.slots.map((slot) => ({ ...slot, refuses }));
    await begin({ media: { slots } });
    const ended = await deployWhole();
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(product.bmc.bootedFrom?.from, "http");
    const why = (await product.events(ended.id)).filter(({ type }) => type === "step-retreated").at(-1).why;
    assert.match(why, /next: UEFI HTTP boot by \/redfish\/v1\/Systems\/1/);
    assert.equal(uriNow(), null);
  });
});
