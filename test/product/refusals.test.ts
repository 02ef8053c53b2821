import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { PROFILES } from "../bmc-simulator/index.ts";
import { nodeOf, type Product, type ProductOptions, startProduct } from "./fixture.ts";

/** What a BMC answers that cannot fetch the disc. */
const CANNOT_FETCH = {
  status: 400,
  body: {
    error: {
      "@Message.ExtendedInfo": [{ MessageId: "Base.1.8.CouldNotEstablishConnection", Message: "no" }],
    },
  },
};

describe("bad input to the whole product", () => {
  let product: Product;
  afterEach(() => product.stop());

  async function start(options: ProductOptions = {}, node: Record<string, unknown> = {}): Promise<void> {
    product = await startProduct(options);
    const added = await product.addNode(product.bmc, node);
    assert.equal(added.status, 201, JSON.stringify(added.body));
  }

  function assertUntouched(): void {
    assert.deepEqual(
      product.lab.bmcs.flatMap(({ actions }) => actions),
      [],
    );
  }

  /** The deployment is accepted, fails with this code, and nothing has been done to the BMC. */
  async function fails(code: string, request: Record<string, unknown> = {}) {
    const accepted = await product.submit(request);
    assert.equal(accepted.status, 202, JSON.stringify(accepted.body));
    const ended = await product.end(accepted.body.id);
    assert.equal(ended.state, "failed");
    assert.equal(ended.error.code, code, JSON.stringify(ended.error));
    assert.ok(ended.error.hint, "a failure says what to do next");
    return ended;
  }

  /** The request itself is refused, and no deployment is made. */
  async function refuses(status: number, code: string, request: Record<string, unknown>) {
    const { body, ...answer } = await product.submit(request);
    assert.equal(answer.status, status, JSON.stringify(body));
    assert.equal(body.code, code);
    assert.deepEqual((await product.call("GET", "/v1/deployments")).body.items, []);
    assertUntouched();
    return body;
  }

  it("is refused for an unknown field, by its path", async () => {
    await start();
    const body = await refuses(422, "unknown-field", { boot: { iso: { url: product.iso.url, sha: "x" } } });
    assert.equal(body.errors[0].path, "boot.iso.sha");
  });

  it("is refused for a wrong type", async () => {
    await start();
    const body = await refuses(422, "invalid-field", { timeoutMs: "soon" });
    assert.equal(body.errors[0].path, "timeoutMs");
  });

  it("is refused where the disc would leave too early", async () => {
    await start();
    await refuses(422, "eject-too-early", { finish: "powered-on", eject: "at-end" });
  });

  it("is refused where no call-back could come", async () => {
    await start();
    await refuses(422, "callback-unreachable", { finish: "callback" });
  });

  it("is refused for a URL with a password in it, and for what is no checksum", async () => {
    await start();
    const iso = { url: product.iso.url.replace("http://", "http://user:canary@") };
    const body = await refuses(422, "image-not-allowed", { boot: { iso } });
    assert.equal(body.errors[0].path, "boot.iso.url");
    assert.doesNotMatch(JSON.stringify(body), /canary/);
    await refuses(422, "checksum-invalid", { boot: { iso: { url: product.iso.url, checksum: "abc" } } });
  });

  it("is refused for a protected node", async () => {
    await start({}, { protected: true });
    await refuses(409, "node-protected", {});
  });

  it("is refused for a second node on the same BMC", async () => {
    await start();
    const node = nodeOf(product.bmc, product.lab);
    const same = await product.call("POST", "/v1/nodes", { ...node, name: "second" });
    assert.equal(same.status, 409);
    assert.equal(same.body.code, "bmc-in-use");
    assert.match(same.body.detail, new RegExp(product.bmc.name));
  });

  it("fails for a node that turns out to be the machine of another under another spelling", async () => {
    await start();
    await product.call("PATCH", `/v1/nodes/${product.bmc.name}`, { bmc: { systemId: "1" } });
    const { bmc, ...node } = nodeOf(product.bmc, product.lab) as { bmc: object };
    const path = { ...node, name: "second", bmc: { ...bmc, systemId: "/redfish/v1/Systems/1" } };
    assert.equal((await product.call("POST", "/v1/nodes", path)).status, 201);
    const ended = await fails("node-in-use");
    assert.match(ended.error.message, /second/);
    assertUntouched();
  });

  it("fails at a BMC that cannot be reached", async () => {
    await start();
    const port = await freePort();
    const node = { ...nodeOf(product.bmc, product.lab), name: "away" } as {
      name: string;
      bmc: { address: string };
    };
    node.bmc.address = `http://127.0.0.1:${port}`;
    await product.call("POST", "/v1/nodes", node);
    const ended = await fails("bmc-unreachable", { node: "away", timeoutMs: 3_000 });
    assert.match(ended.error.message, new RegExp(`127\\.0\\.0\\.1:${port}`));
  });

  it("fails at a wrong password after one attempt", async () => {
    await start();
    product.bmc.setPassword("another");
    await fails("bmc-access-denied");
    assert.equal(product.bmc.refusedLogIns, 1);
    assertUntouched();
  });

  it("fails at a self-signed certificate without consent, with the command that gives it", async () => {
    product = await startProduct({ tls: true });
    const { fingerprint } = product.lab;
    await product.addNode(product.bmc, {
      bmc: { address: product.bmc.address, username: product.bmc.username, password: product.bmc.password },
    });
    const ended = await fails("bmc-certificate-untrusted");
    assert.match(
      `${ended.error.message} ${ended.error.hint}`,
      new RegExp(`trayload node set .*${fingerprint}`),
    );
    assert.deepEqual(product.bmc.requests, [], "nothing was sent, and so no credential");
  });

  it("fails at a changed pin before a credential is sent", async () => {
    product = await startProduct({ tls: true });
    const { address, username, password } = product.bmc;
    const tls = { mode: "pin", fingerprint: `sha256:${"ab".repeat(32)}` };
    await product.addNode(product.bmc, { bmc: { address, username, password, tls } });
    await fails("bmc-certificate-changed");
    assert.deepEqual(product.bmc.requests, []);
  });

  it("fails at an image that is not there", async () => {
    await start();
    product.iso.statuses = [404, 404, 404, 404];
    await fails("image-not-found");
    assertUntouched();
  });

  it("fails at another checksum than was asked for", async () => {
    await start();
    const checksum = `sha256:${"0".repeat(64)}`;
    await fails("image-checksum-mismatch", { boot: { iso: { url: product.iso.url, checksum } } });
    assertUntouched();
  });

  it("fails at an image that is no boot ISO, and says what it is", async () => {
    await start();
    product.iso.content = Buffer.from("<!doctype html><title>Sign in</title>".padEnd(4096));
    const ended = await fails("image-not-bootable");
    assert.match(ended.error.message, /HTML|web page/i);
    assertUntouched();
  });

  it("fails at a BMC whose slots take no CD", async () => {
    const generic = PROFILES["generic"]!;
    const slots = [{ id: "Floppy", under: "manager" as const, types: ["Floppy"], isBootable: false }];
    await start({ profile: { ...generic, media: { ...generic.media, slots } } });
    await fails("slot-not-found");
    assertUntouched();
  });

  it("fails at a BMC that answers 204 and inserts nothing", async () => {
    await start();
    product.bmc.insertNothing();
    const ended = await fails("media-not-inserted");
    assert.equal(ended.error.step, "insert-media");
    assert.equal(product.bmc.power, "Off");
  });

  it("fails at a BMC that cannot fetch the disc, after a few tries, and says from where", async () => {
    await start();
    product.bmc.failNext("POST InsertMedia", { ...CANNOT_FETCH, times: 99 });
    const ended = await fails("disc-not-reached");
    assert.match(ended.error.hint, /TRAYLOAD_PROVISION_URL/);
    assert.ok(ended.error.message.includes(new URL(product.trayload.provisionUrl!).host));
  });

  it("waits for a BMC that cannot fetch the disc for a moment", async () => {
    await start();
    product.bmc.failNext("POST InsertMedia", { ...CANNOT_FETCH, times: 2 });
    assert.equal((await product.deploy()).state, "succeeded");
  });

  it("goes on asking for as long as whatever serves the disc may be starting again", async () => {
    await start({ timing: { discAwayMs: 60_000, longestRetryMs: 100 } });
    product.bmc.failNext("POST InsertMedia", { ...CANNOT_FETCH, times: 8 });
    assert.equal((await product.deploy()).state, "succeeded");
  });

  it("fails at a machine that never switches on, and leaves no disc behind", async () => {
    await start();
    product.bmc.neverPowersOn();
    await fails("power-not-reached");
    assert.equal(product.bmc.slot().image, null);
  });

  it("fails where a BMC elsewhere would be told a loopback address", async () => {
    await start({ settings: { PROVISION_URL: "http://127.0.0.1:8090" } });
    // An address that reaches this machine and is not one of its loopback names.
    const address = product.bmc.address.replace("127.0.0.1", "0.0.0.0");
    await product.call("PATCH", `/v1/nodes/${product.bmc.name}`, { bmc: { address } });
    await fails("provision-url-loopback");
    assertUntouched();
  });
});

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
