import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asModelMachine, type Profile, PROFILES } from "../bmc-simulator/index.ts";
import { DEBIAN, RED_HAT, SYSTEMD_BOOT, UBUNTU } from "../images/patch/families.ts";
import { makeFolder, makeIso, needIsoMakers, removeWritten } from "../images/patch/fixture.ts";
import { makeUdfBridge } from "../images/patch/unfit.ts";
import { runTool } from "../media/tools.ts";
import type { Timing } from "../../src/deploy/index.ts";
import { type Product, startProduct } from "./fixture.ts";
import { readDisc } from "./read-disc.ts";
import { until } from "../until.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";
const STAYS = { finish: "powered-on", eject: "never" };
const ANSWERS = '<?xml version="1.0"?><unattend xmlns="urn:schemas-microsoft-com:unattend"/>';
const own = { path: "/OWN.TXT", contentBase64: btoa("only for this node") };

const { generic } = PROFILES;
const TWO_CDS: Profile = {
  ...generic!,
  media: {
    ...generic!.media,
    slots: ["1", "2"].map((id) => ({ id, under: "manager", types: ["CD", "DVD"], isBootable: true })),
  },
};

describe("a second disc beside an ISO that stays as it is", () => {
  let product: Product;
  async function start(profile: string | Profile, timing: Partial<Timing> = {}): Promise<void> {
    product = await startProduct({ profile, timing: { powerSettleMs: 200, ...timing } });
    assert.equal((await product.addNode()).status, 201);
  }
  before(function () {
    needIsoMakers(this);
  });
  afterEach(async () => {
    await removeWritten();
    await product?.stop();
  });

  const offer = (path: string): void => {
    product.iso.content = readFileSync(path);
    product.iso.etag = null;
  };
  async function deploy(request: Record<string, unknown>) {
    const { status, body } = await product.submit(request);
    assert.equal(status, 202, JSON.stringify(body));
    return product.end(body.id);
  }
  const read = async (url: string): Promise<Buffer> => Buffer.from(await (await fetch(url)).arrayBuffer());
  const slotWith = (id: string) => ({ slot: () => product.bmc.slot(id) });

  it("is a FAT file system for a stick, where the ISO is read as UDF, and leaves with the ISO", async () => {
    await start("generic");
    offer(await makeUdfBridge());
    const ended = await deploy({ userData: ANSWERS, files: [own], ...STAYS });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const [iso, stick] = [product.bmc.slot().image!, product.bmc.slot("Usb").image!];
    assert.ok((await read(iso)).equals(product.iso.content), "the ISO is as it was");
    assert.match(stick, /\/boot\.img$/);
    const image = join(await makeFolder(), "stick.img");
    writeFileSync(image, await read(stick));
    assert.equal(await runTool("mtype", ["-i", image, "::/Autounattend.xml"]), ANSWERS);
    assert.equal(await runTool("mtype", ["-i", image, "::/OWN.TXT"]), "only for this node");
    assert.ok(ended.evidence.some(({ what }: { what: string }) => what === "second-disc-inserted"));

    const { media } = (await product.call("GET", `/v1/nodes/${product.bmc.name}`)).body;
    assert.match(media.secondSlot, /\/Usb$/);
    const answer = await product.call("POST", `/v1/nodes/${product.bmc.name}/media/eject?waitMs=20000`);
    assert.equal(answer.body.result.ejected.length, 2, JSON.stringify(answer.body));
    assert.deepEqual([product.bmc.slot().image, product.bmc.slot("Usb").image], [null, null]);
    // Listeners know a disc for a moment longer.
    for (const url of [iso, stick]) await until(async () => (await fetch(url)).status === 404);
  });

  it("is an ISO for another CD slot, where it is asked for, and leaves with the call-back", async () => {
    await start(TWO_CDS);
    offer(await makeIso(RED_HAT));
    const callBack = `${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`;
    const { body } = await product.submit({
      userData: "text\n",
      ownVia: "second-disc",
      callbackSecret: CALLBACK_SECRET,
    });
    const filled = () => product.bmc.slot("2").image !== null && product.bmc.power === "On";
    await until(() => filled());
    const files = await readDisc(slotWith("2"));
    assert.deepEqual(Object.keys(files), ["ks.cfg"]);
    assert.equal((await read(product.bmc.slot("2").image!)).toString("latin1", 32808, 32814), "OEMDRV");
    assert.ok((await read(product.bmc.slot("1").image!)).equals(product.iso.content));
    assert.equal((await fetch(callBack, { method: "POST" })).status, 204);
    const ended = await product.end(body.id);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(ended.clean, true);
    assert.deepEqual([product.bmc.slot("1").image, product.bmc.slot("2").image], [null, null]);
  });

  it("is no evidence for the first, however much of it is read", async () => {
    await start({ ...TWO_CDS, boot: { ...TWO_CDS.boot, discTargets: [] } });
    offer(await makeIso(RED_HAT));
    const { body } = await product.submit({ userData: "text\n", ownVia: "second-disc", finish: "disc-read" });
    const path = `/v1/deployments/${body.id}`;
    let now = body;
    while (now.step !== "wait-for-finish")
      now = (await product.call("GET", `${path}?waitMs=5000&after=${now.version}`)).body;

    await read(product.bmc.slot("2").image!);

    // What is reached is told at once; figures follow within two seconds.
    await new Promise((resolve) => setTimeout(resolve, 300));
    ({ body: now } = await product.call("GET", path));
    assert.equal(now.progress.discBytesRead, 0);
    const heard = now.evidence.map(({ what }: { what: string }) => what);
    assert.ok(!heard.includes("first-byte") && !heard.includes("disc-read"), heard.join());
    assert.equal(now.final, false);
    assert.equal((await product.call("POST", `${path}/cancel`)).status, 202);
    assert.equal((await product.end(body.id)).clean, true);
    assert.deepEqual([product.bmc.slot("1").image, product.bmc.slot("2").image], [null, null]);
  });

  it("changes its place when the boot goes on to the slot that it was in", async () => {
    await start({ ...TWO_CDS, boot: { ...TWO_CDS.boot, discTargets: [] } }, { firstReadMs: 700 });
    offer(await makeIso(RED_HAT));
    // Nobody calls back, so that it has not ended before it is cancelled.
    const callbackSecret = "changes-its-place-".padEnd(40, "x");
    const request = { userData: "text\n", ownVia: "second-disc", callbackSecret };
    const { id } = (await product.submit(request)).body;
    await until(() => product.bmc.actions.filter(({ what }) => what === "insert").length >= 4);
    const [first, second] = ["1", "2"].map((slot) => product.bmc.slot(slot).image!);
    assert.ok((await read(second!)).equals(product.iso.content));
    assert.equal((await read(first!)).toString("latin1", 32808, 32814), "OEMDRV");
    assert.equal((await product.call("POST", `/v1/deployments/${id}/cancel`)).status, 202);

    const ended = await product.end(id);

    assert.deepEqual([ended.clean, ended.warnings], [true, []]);
    const why = (await product.events(id)).filter(({ type }) => type === "step-retreated");
    assert.equal(why.length, 1, JSON.stringify(why));
    const inserts = product.bmc.actions.filter(({ what }) => what === "insert") as { slot: string }[];
    assert.deepEqual(
      inserts.map(({ slot }) => slot),
      ["1", "2", "2", "1"],
    );
    assert.deepEqual([product.bmc.slot("1").image, product.bmc.slot("2").image], [null, null]);
  });

  it("is what the next deployment ejects first, and a failed one leaves none behind", async () => {
    await start("generic");
    offer(await makeUdfBridge());
    assert.equal((await deploy({ files: [own], ...STAYS })).state, "succeeded");
    assert.notEqual(product.bmc.slot("Usb").image, null);
    offer(await makeIso(DEBIAN));
    assert.equal((await deploy(STAYS)).state, "succeeded");
    assert.equal(product.bmc.slot("Usb").image, null);

    offer(await makeUdfBridge());
    asModelMachine(product.bmc.machine).behave({ script: [] });
    product.bmc.neverPowersOn();
    const failed = await deploy({ files: [own] });
    assert.equal(failed.error.code, "power-not-reached");
    assert.equal(failed.clean, true);
    assert.deepEqual([product.bmc.slot().image, product.bmc.slot("Usb").image], [null, null]);
  });

  it("is owed where the BMC cannot be used, and leaves when it can", async () => {
    product = await startProduct({ timing: { owedMs: 200 } });
    await product.addNode();
    offer(await makeUdfBridge());
    const { body } = await product.submit({ files: [own], callbackSecret: CALLBACK_SECRET });
    const step = async () => (await product.call("GET", `/v1/deployments/${body.id}`)).body.step;
    await until(async () => (await step()) === "wait-for-finish");
    product.bmc.setPassword("changed by somebody");
    product.bmc.expireSessions();
    await fetch(`${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`, { method: "POST" });
    const ended = await product.end(body.id);
    assert.deepEqual([ended.state, ended.clean], ["succeeded", false]);
    const node = async () => (await product.call("GET", `/v1/nodes/${product.bmc.name}`)).body;
    assert.match((await node()).media.secondSlot, /\/Usb$/);
    const { password } = product.bmc;
    await product.call("PATCH", `/v1/nodes/${product.bmc.name}`, { bmc: { password } });
    await until(async () => (await node()).media === null);
    assert.deepEqual([product.bmc.slot().image, product.bmc.slot("Usb").image], [null, null]);
  });

  for (const [recipe, label, file] of [
    [UBUNTU, "CIDATA", "user-data"],
    [SYSTEMD_BOOT, "config-2", "openstack/latest/user_data"],
  ] as const)
    it(`has the label ${label} beside ${recipe.name}`, async () => {
      await start(TWO_CDS);
      offer(await makeIso(recipe));
      const ended = await deploy({ userData: "#cloud-config\n", ownVia: "second-disc", ...STAYS });
      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
      assert.equal(String((await readDisc(slotWith("2")))[file]), "#cloud-config\n");
      const bytes = await read(product.bmc.slot("2").image!);
      assert.equal(bytes.toString("latin1", 32808, 32840).trim(), label);
    });

  it("is not needed where the ISO can be patched, and the record says so where it was asked for in vain", async () => {
    await start("lazy");
    offer(await makeIso(RED_HAT));
    const patched = await deploy({ userData: "text\n", ownVia: "second-disc", ...STAYS });
    assert.equal(patched.state, "succeeded", JSON.stringify(patched.error));
    assert.ok(patched.warnings.some((warning: string) => /no slot for a second disc/.test(warning)));
    assert.equal(String((await readDisc(product.bmc))["ks.cfg"]), "text\n");
    offer(await makeUdfBridge());
    const actions = product.bmc.actions.length;
    const refused = await deploy({ files: [own] });
    assert.equal(refused.error.code, "iso-is-udf");
    assert.match(refused.error.hint, /no other slot/);
    assert.equal(product.bmc.actions.length, actions);
  });

  it("is refused where nothing would read it, or it cannot carry what is asked", async () => {
    await start("generic");
    offer(await makeIso(DEBIAN));
    const unread = await deploy({ userData: "d-i a/b string c\n", ownVia: "second-disc" });
    assert.equal(unread.error.code, "iso-data-not-read");
    const kernel = { url: product.iso.url };
    for (const [path, request] of [
      ["kernelArgs", { kernelArgs: "quiet" }],
      ["callbackSecret", { finish: "callback" }],
      ["ownVia", { boot: { kernel, ramdisk: kernel } }],
    ] as const) {
      const { status, body } = await product.submit({ files: [own], ownVia: "second-disc", ...request });
      assert.deepEqual([status, body.code, body.errors[0].path], [422, "second-disc-unfit", path]);
    }
  });
});
