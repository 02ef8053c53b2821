import assert from "node:assert/strict";
import { asModelMachine, type ScriptStep } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";

describe("a deployment through the whole product", () => {
  for (const profile of ["generic", "eager", "lazy", "copying", "sushy"]) {
    describe(`on a ${profile} BMC`, () => {
      let product: Product;
      before(async () => {
        product = await startProduct({ profile });
        assert.equal((await product.addNode()).status, 201);
      });
      after(() => product.stop());
      afterEach(() => asModelMachine(product.bmc.machine).behave({ script: [] }));

      const runs = (...script: ScriptStep[]) => asModelMachine(product.bmc.machine).behave({ script });
      const callBackUrl = () => `${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`;

      it("boots the ISO and proves that it was read", async () => {
        const accepted = await product.submit();
        assert.equal(accepted.status, 202);
        const ended = await product.end(accepted.body.id);
        assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
        // A machine that boots from a BMC's copy may still be at it.
        await until(() => product.bmc.bootedFrom !== null);
        assert.match(product.bmc.bootedFrom!.url!, /\/boot\.iso$/);
        assert.equal(product.bmc.bootedFrom!.volumeLabel, "TRAYLOAD");
        const proofs = ended.evidence.map(({ what }: { what: string }) => what);
        assert.ok(proofs.includes("inserted") && proofs.includes("powered-on"), proofs.join());
        assert.ok(
          proofs.some((what: string) => /disc-read|copied/.test(what)),
          proofs.join(),
        );
        assert.ok(ended.progress.discBytesRead > 0);
      });

      it("boots again a machine that is on and holds a disc, by a disc of its own", async () => {
        const before = product.bmc.bootedFrom!.url;
        const ended = await product.deploy();
        assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
        await until(() => product.bmc.bootedFrom!.url !== before);
      });

      it("waits for the installer's call-back, and takes the disc out with it", async () => {
        runs({ waitMs: 50 }, { callBack: callBackUrl(), body: { status: "succeeded" } });
        const ended = await product.deploy({ callbackSecret: CALLBACK_SECRET });
        assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
        assert.equal(ended.request.finish, "callback");
        assert.equal(ended.clean, true);
        assert.equal(product.bmc.slot().image, null);
      });

      it("fails when the installer says that it failed, with its own words", async () => {
        runs({ callBack: callBackUrl(), body: { status: "failed", message: "no disk is large enough" } });
        const ended = await product.deploy({ callbackSecret: CALLBACK_SECRET });
        assert.equal(ended.state, "failed");
        assert.equal(ended.error.code, "installer-failed");
        assert.match(ended.error.message, /no disk is large enough/);
        assert.equal(product.bmc.slot().image, null, "a failed deployment leaves the slot clean");
      });

      it("sees the machine switch itself off, and leaves it as was asked", async () => {
        runs({ waitMs: 50 }, "power-off");
        const ended = await product.deploy({ finish: "powered-off", power: "off" });
        assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
        assert.equal(product.bmc.power, "Off");
        assert.equal(product.bmc.slot().image, null);
      });

      it("ends at power-on where no more is asked", async () => {
        const ended = await product.deploy({ finish: "powered-on", eject: "never" });
        assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
        assert.equal(product.bmc.power, "On");
        assert.notEqual(product.bmc.slot().image, null);
      });
    });
  }
});
