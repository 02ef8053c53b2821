import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { LocalImageStore } from "../../src/images/index.ts";
import { makeCertificate } from "../bmc-simulator/certificate.ts";
import { run, type Typed } from "../cli/fixture.ts";
import { type FileServer, startFileServer } from "../images/file-server.ts";
import { fetched, hex, makePlace, type Place } from "../images/store-fixture.ts";
import { type Running, startApi, stopAll } from "./fixture.ts";

const CONTENT = randomBytes(300_000);
const DIGEST = `sha256:${hex(CONTENT)}`;

describe("the API of images", () => {
  let place: Place;
  let store: LocalImageStore;
  let server: FileServer;
  let api: Running;
  beforeEach(async () => {
    place = await makePlace();
    store = place.open();
    server = await startFileServer(CONTENT);
    api = await startApi({ images: store });
  });
  afterEach(async () => {
    await stopAll();
    await server.stop();
    await place.end();
  });

  it("fetches an image before it is needed, says how far it is, and lists it", async () => {
    server.holdBodies();
    const begun = await api.call("POST", "/v1/images", { url: `${server.url}?token=canary` });
    assert.equal(begun.status, 202);
    assert.deepEqual(begun.body, { state: "fetching", digest: null, sizeBytes: null, bytesRead: 0 });
    const { body: stock } = await api.call("GET", "/v1/images");
    assert.equal(stock.underWay[0].source, server.url);
    server.goOn();
    const done = await api.call("POST", "/v1/images?waitMs=10000", { url: `${server.url}?token=canary` });
    assert.equal(done.status, 200);
    assert.deepEqual(done.body, {
      state: "ready",
      digest: DIGEST,
      sizeBytes: CONTENT.length,
      bytesRead: CONTENT.length,
    });
    const { body } = await api.call("GET", "/v1/images");
    assert.deepEqual(
      body.items.map(({ digest, holders }: { digest: string; holders: string[] }) => ({ digest, holders })),
      [{ digest: DIGEST, holders: [] }],
    );
    assert.equal(body.usedBytes, CONTENT.length);
    assert.ok(!JSON.stringify(body).includes("canary"));
    assert.equal(server.requests.length, 1, "asked again, it is the same fetch");
  });

  it("says why an image cannot be had", async () => {
    server.statuses = [404];
    const gone = await api.call("POST", "/v1/images?waitMs=10000", { url: server.url });
    assert.deepEqual([gone.status, gone.body.code], [422, "image-not-found"]);
    const local = await api.call("POST", "/v1/images", { url: "http://169.254.169.254/" });
    assert.deepEqual([local.status, local.body.code], [422, "image-not-allowed"]);
    const wrong = await api.call("POST", "/v1/images?waitMs=10000", {
      url: server.url,
      checksum: "0".repeat(64),
    });
    assert.deepEqual([wrong.status, wrong.body.code], [422, "image-checksum-mismatch"]);
    const unknown = await api.call("POST", "/v1/images", { url: server.url, sum: "x" });
    assert.equal(unknown.body.code, "unknown-field");
  });

  it("removes an image, but not from under those who hold it", async () => {
    await fetched(store, { url: server.url, checksum: null }, "dep_1");
    const held = await api.call("DELETE", `/v1/images/${DIGEST}`);
    assert.deepEqual([held.status, held.body.code], [409, "image-in-use"]);
    await store.release("dep_1");
    assert.equal((await api.call("DELETE", `/v1/images/${DIGEST}`)).status, 204);
    const again = await api.call("DELETE", `/v1/images/${DIGEST}`);
    assert.deepEqual([again.status, again.body.code], [404, "image-unknown"]);
    assert.deepEqual(await place.files(), []);
  });

  it("finds out what a disk has changed, and takes it away from everybody", async () => {
    const { path } = await fetched(store, { url: server.url, checksum: null }, "dep_1");
    const sound = await api.call("POST", `/v1/images/${DIGEST}/verify`);
    assert.deepEqual([sound.status, sound.body], [200, { digest: DIGEST, sound: true }]);
    chmodSync(path, 0o600);
    writeFileSync(path, Buffer.concat([CONTENT.subarray(1), CONTENT.subarray(0, 1)]));
    const { body } = await api.call("POST", `/v1/images/${DIGEST}/verify`);
    assert.deepEqual(body, { digest: DIGEST, sound: false });
    assert.equal(await store.find(DIGEST), undefined);
    assert.equal((await api.call("POST", `/v1/images/${DIGEST}/verify`)).status, 404);
    await fetched(store, { url: server.url, checksum: DIGEST }, "dep_1");
  });

  it("is told by the command line who asks, and whom to trust, but by no option a password", async () => {
    const pull = async (words: string[], typed: Typed = {}) => {
      server.requests.length = 0;
      server.etag = null;
      const said = await run(api, ["image", "pull", server.url, ...words], typed);
      return [said.status, server.requests[0]?.headers.authorization];
    };
    const expected = [0, `Basic ${btoa("reader:canary")}`];
    const [who, env] = [["--username", "reader"], { TRAYLOAD_IMAGE_PASSWORD: "canary" }];
    assert.deepEqual(await pull(who, { env }), expected);
    assert.deepEqual(await pull([...who, "--password-stdin"], { input: "canary\n" }), expected);
    assert.deepEqual(await pull(who, { secret: "canary" }), expected);
    assert.deepEqual(await pull(who), [2, undefined]);
    assert.deepEqual(await pull(["--password-stdin"], { input: "canary\n" }), [2, undefined]);
    assert.deepEqual(await pull(["--tls-pin", "sha256:00"]), [2, undefined]);

    const certificate = makeCertificate();
    const secure = createServer(certificate, (_, response) => response.end(CONTENT));
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/x.iso`;
    const ca = join(place.folder, "ca.pem");
    writeFileSync(ca, certificate.cert);
    for (const words of [
      ["--tls-ca", ca],
      ["--tls-pin", certificate.fingerprint],
    ])
      assert.equal((await run(api, ["image", "pull", url, ...words])).out, `${DIGEST}  293 KiB\n`);
    assert.match((await run(api, ["image", "pull", url])).err, /image-certificate-untrusted/);
    secure.close();
  });

  it("is what the command line pulls, lists, verifies and removes by", async () => {
    const image = (...words: string[]) => run(api, ["image", ...words]);
    const pulled = await image("pull", server.url, "--checksum", DIGEST);
    assert.equal(pulled.out, `${DIGEST}  293 KiB\n`);
    const listed = await image("list");
    assert.match(listed.out, new RegExp(`${DIGEST} +293 KiB .* -\n.*293 KiB of 95 MiB used`));
    assert.equal((await image("verify", DIGEST)).out, `${DIGEST} is sound\n`);
    assert.equal((await image("remove", DIGEST)).out, `${DIGEST} is gone\n`);
    const gone = await image("verify", DIGEST);
    assert.equal(gone.status, 1);
    assert.match(gone.err, /image-unknown/);
    const refused = await image("pull", "http://169.254.169.254/");
    assert.deepEqual([refused.status, /image-not-allowed/.test(refused.err)], [1, true]);
    for (const words of [
      ["--arch", "x"],
      ["--arch", "x86_64"],
      ["--arch", "arm64", "a", "--arch", "arm64", "b"],
    ])
      assert.equal((await image("push", "oci://registry.example/a", ...words)).status, 2);
  });
});
