import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { asModelMachine } from "../bmc-simulator/index.ts";
import { COREOS, DEBIAN, RED_HAT } from "../images/patch/families.ts";
import { makeIso, needIsoMakers, removeWritten } from "../images/patch/fixture.ts";
import { makeSealed, makeUdfBridge } from "../images/patch/unfit.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { type Product, startProduct } from "./fixture.ts";
import { readDisc } from "./read-disc.ts";
import { until } from "../until.ts";

const KS = "canary of the kickstart\n";
/** Ends soon and leaves the disc to be looked at. */
const STAYS = { finish: "powered-on", eject: "never" };
const file = (path: string) => ({ path, contentBase64: Buffer.from(KS).toString("base64") });

describe("a boot ISO with something of the node's own", () => {
  let product: Product;
  /** Of which the API's description says that a deployment may fail. */
  let codes: string[];
  before(async function () {
    needIsoMakers(this);
    product = await startProduct();
    assert.equal((await product.addNode()).status, 201);
    codes = (await product.call("GET", "/openapi.json")).body.components.schemas.FailureCode.enum;
  });
  after(() => product?.stop());
  afterEach(removeWritten);

  const offer = (bytes: Buffer): void => {
    product.iso.content = bytes;
    product.iso.etag = null;
  };
  it("boots with arguments in every menu and files on the disc, and the record tells what was done", async () => {
    offer(readFileSync(await makeIso(RED_HAT)));
    const ended = await product.deploy({
      kernelArgs: { append: "inst.ks=cdrom:/ks.cfg console=ttyS0", remove: "quiet" },
      files: [file("/ks.cfg"), file("/own/name.txt")],
      ...STAYS,
    });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const files = await readDisc(product.bmc);
    assert.equal(files["ks.cfg"]!.toString(), KS);
    assert.equal(files["own/name.txt"]!.toString(), KS);
    for (const menu of ["EFI/BOOT/grub.cfg", "isolinux/isolinux.cfg"]) {
      const lines = String(files[menu]).match(/^.*(linuxefi|append) .*$/gm)!;
      for (const line of lines) assert.match(line, /inst\.ks=cdrom:\/ks\.cfg console=ttyS0$/);
    }
    assert.ok(ended.warnings.some((warning: string) => /medium checked/.test(warning)));
    const told = (await product.events(ended.id)).find(
      ({ type, step }) => type === "step-done" && step === "publish-disc",
    );
    assert.match(told.detail, /patched as red-hat, 8 kernel lines in 3 boot menus, 2 files/);
    assert.ok(!JSON.stringify(await product.events(ended.id)).includes("canary"));
  });

  it("is told a call-back path that nobody had to choose, and succeeds by it", async () => {
    offer(readFileSync(await makeIso(DEBIAN)));
    const { machine } = product.bmc;
    const before = product.bmc.slot().image;
    const { body } = await product.submit({ finish: "callback", files: [file("/preseed.cfg")] });
    await until(() => ![null, before].includes(product.bmc.slot().image));
    const menu = String((await readDisc(product.bmc))["boot/grub/grub.cfg"]);
    const paths = [...menu.matchAll(/trayload\.callback=(\S+) ---/g)].map((match) => match[1]!);
    assert.equal(paths.length, 2, menu);
    assert.match(paths[0]!, new RegExp(`^${product.trayload.provisionUrl}/c/`));
    assert.equal((await fetch(paths[0]!, { method: "POST" })).status, 204);
    const ended = await product.end(body.id);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(product.bmc.slot().image, null);
    assert.ok(asModelMachine(machine).isOn);
  });

  it("takes a volume label that its own menus do not contradict", async () => {
    offer(readFileSync(await makeIso(DEBIAN)));
    const ended = await product.deploy({ discLabel: "config-2", ...STAYS });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    await until(() => product.bmc.bootedFrom!.volumeLabel === "config-2");
    assert.equal(ended.request.discLabel, "config-2");
  });

  const args = { kernelArgs: "quiet" };
  const unfit: [code: string, what: string, bytes: () => Promise<Buffer>, request: object][] = [
    ["iso-is-udf", "a UDF bridge", async () => readFileSync(await makeUdfBridge()), args],
    ["iso-signed-kernel", "a sealed kernel", async () => readFileSync(await makeSealed()), args],
    ["iso-no-boot-menu", "no menu", async () => makeTinyIso(), args],
    ["iso-media-check", "a medium check", () => red(), { kernelArgs: "rd.live.check" }],
    ["iso-no-room", "a full area", () => core(), { kernelArgs: `a=${"x".repeat(400)}` }],
    ["kernel-args-invalid", "characters that an area cannot take", () => core(), { kernelArgs: "a=b;c" }],
    ["files-invalid", "a file in the place of a boot image", () => red(), { files: [file("/boot.img")] }],
    ["disc-label-invalid", "a label that menus contradict", () => red(), { discLabel: "OTHER" }],
  ];
  const red = async () => readFileSync(await makeIso(RED_HAT));
  const core = async () => readFileSync(await makeIso(COREOS));
  for (const [code, what, bytes, request] of unfit)
    it(`fails for ${what} with ${code}, and nothing has been done to the BMC`, async () => {
      offer(await bytes());
      const actions = product.bmc.actions.length;
      const accepted = await product.submit(request as Record<string, unknown>);
      assert.equal(accepted.status, 202, JSON.stringify(accepted.body));
      const ended = await product.end(accepted.body.id);
      assert.equal(ended.state, "failed");
      assert.deepEqual([ended.error.code, ended.error.step], [code, "publish-disc"], ended.error.message);
      assert.ok(ended.error.hint);
      assert.ok(codes.includes(code), "is not in the API's description");
      assert.equal(ended.error.retryable, false);
      assert.equal(product.bmc.actions.length, actions);
    });

  const refused: [code: string, path: string, request: object][] = [
    ["kernel-args-invalid", "kernelArgs", { kernelArgs: "a --- b" }],
    ["kernel-args-invalid", "kernelArgs.replace", { kernelArgs: { append: "a", replace: "--" } }],
    ["kernel-args-invalid", "kernelArgs.remove", { kernelArgs: { remove: "a\nb" } }],
    ["files-invalid", "files", { files: [file("/a/../b")] }],
    ["files-invalid", "files", { files: [file("/a"), file("/a/b")] }],
    ["disc-label-invalid", "discLabel", { discLabel: "two\nlines" }],
    ["callback-unreachable", "callbackSecret", { finish: "callback" }],
  ];
  for (const [code, path, request] of refused)
    it(`is refused at once for ${JSON.stringify(request).slice(0, 50)} with ${code} at ${path}`, async () => {
      const { status, body } = await product.submit(request as Record<string, unknown>);
      assert.deepEqual([status, body.code, body.errors[0].path], [422, code, path], body.detail);
    });
});
