import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Lab, startLab } from "../bmc-simulator/index.ts";
import { findSecret } from "./canary.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";

describe("a dossier", () => {
  let product: Product;
  let folder: string;
  let lab: Lab | undefined;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "dossier-"));
    product = await startProduct({ profile: "dell-idrac9" });
    await product.addNode();
  });
  afterEach(async () => {
    await product.stop();
    await lab?.stop();
    rmSync(folder, { recursive: true });
  });

  async function fetchDossier(id: string): Promise<Buffer> {
    const { apiUrl, admin } = product.trayload;
    const headers = { authorization: `Bearer ${admin.token}` };
    const answer = await fetch(`${apiUrl}/v1/deployments/${id}/dossier`, { headers });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "application/gzip");
    return Buffer.from(await answer.arrayBuffer());
  }

  it("holds what was said to the BMC, and no secret", async () => {
    const { body } = await product.submit({ callbackSecret: CALLBACK_SECRET });
    await until(() => product.bmc.power === "On");
    await product.call("POST", `/v1/deployments/${body.id}/cancel`);
    await product.end(body.id);
    const dossier = await fetchDossier(body.id);
    const text = gunzipSync(dossier).toString();
    for (const name of ["deployment.json", "events.json", "redfish.json", "disc.json"])
      assert.ok(text.includes(name), name);
    assert.match(text, /"path": "\/redfish\/v1\/Systems\/System.Embedded.1\/VirtualMedia\/1\/Actions/);
    assert.match(text, /"ResetType": "On"/);
    const discSecret = product.bmc.actions.flatMap((one) =>
      one.what === "insert" ? [one.url.split("/")[3]!] : [],
    );
    for (const secret of [product.bmc.password, CALLBACK_SECRET, product.trayload.admin.token, ...discSecret])
      assert.deepEqual(findSecret(dossier, secret), [], secret);
  });

  it("lets a simulated BMC answer as that one did, refusals too", async () => {
    const body = {
      error: { "@Message.ExtendedInfo": [{ MessageId: "IDRAC.2.8.RAC0720", Message: "Cannot locate." }] },
    };
    product.bmc.failNext("POST VirtualMedia/1/Actions/VirtualMedia.InsertMedia", { status: 400, body });
    const { id } = await product.deploy();
    const file = join(folder, "dossier.tar.gz");
    writeFileSync(file, await fetchDossier(id));
    lab = await startLab({ replay: file });
    const again = lab.bmcs[0]!;
    await product.addNode(again, { name: "again" });
    const ended = await product.deploy({ node: "again" });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const events = await product.events(ended.id);
    const whys = events.flatMap(({ type, why }) => (type === "step-retreated" ? [why as string] : []));
    assert.equal(whys.length, 1);
    assert.match(whys[0]!, /RAC0720: Cannot locate/);
    assert.equal(again.bootedFrom?.volumeLabel, "TRAYLOAD");
  });
});
