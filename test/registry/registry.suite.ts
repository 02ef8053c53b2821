import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageStoreOptions, LocalImageStore } from "../../src/images/index.ts";
import { type } from "../cli/fixture.ts";
import { fetched, hex, makePlace, type Place, refused } from "../images/store-fixture.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { startProduct } from "../product/fixture.ts";
import { needRegistry, type RegistryServer, startRegistry } from "./server.ts";

describe("a real registry", () => {
  let registry: RegistryServer;
  let place: Place;
  let settings: Record<string, string>;
  const iso = { x86_64: makeTinyIso({ label: "X86" }), aarch64: makeTinyIso({ label: "ARM" }) };
  const ramdisk = randomBytes(3_000_000);
  before(async function () {
    needRegistry(this);
    registry = await startRegistry();
    settings = { TRAYLOAD_OCI_AUTH_FILE: registry.authFile, TRAYLOAD_OCI_CERTS: registry.certsFolder };
  });
  after(() => registry?.stop());
  beforeEach(async () => {
    place = await makePlace();
    await writeFile(join(place.folder, "x86.iso"), iso.x86_64);
    await writeFile(join(place.folder, "arm.iso"), iso.aarch64);
    await writeFile(join(place.folder, "ramdisk"), ramdisk);
  });
  afterEach(() => place.end());
  const open = (changes: Partial<ImageStoreOptions> = {}): LocalImageStore => {
    const { authFile, certsFolder } = registry;
    return place.open({ folder: join(place.folder, "store"), oci: { authFile, certsFolder }, ...changes });
  };
  const push = async (url: string, ...words: string[]): Promise<string> => {
    const typing = type(undefined, ["--json", "image", "push", url, "--arch", ...words], { env: settings });
    assert.equal(await typing.ended, 0, typing.err);
    return (JSON.parse(typing.out) as { url: string }).url;
  };

  it("takes what the command line pushes, and gives each machine its own", async () => {
    const url = `oci://${registry.host}/installers/debian:12`;
    const file = (name: string): string => join(place.folder, name);
    const pinned = await push(url, "x86_64", file("x86.iso"), "--arch", "arm64", file("arm.iso"));
    const store = open();
    assert.equal((await store.resolve({ url, checksum: null, arch: "x86_64" })).url, pinned);
    for (const arch of ["x86_64", "aarch64"] as const)
      for (const at of [url, pinned]) {
        const image = await fetched(store, { url: at, checksum: null, arch }, `dep_${at}${arch}`);
        assert.equal(image.digest, `sha256:${hex(iso[arch])}`);
      }
    await refused(store, { url, checksum: null }, "image-not-found");
    await refused(store, { url: `${url}-gone`, checksum: null }, "image-not-found");
  });

  it("takes several files for one machine, large ones too, and only once", async () => {
    const url = `oci://${registry.host}/agents/ipa`;
    const words = ["x86_64", `kernel=${join(place.folder, "x86.iso")}`, join(place.folder, "ramdisk")];
    const first = await push(url, ...words);
    assert.equal(await push(url, ...words), first, "equal files make an equal artefact");
    const image = await fetched(open(), { url, checksum: null, arch: "x86_64", member: "ramdisk" });
    assert.ok((await readFile(image.path)).equals(ramdisk));
  });

  it("lets nobody in without the right log-in, and is not trusted without its authority", async () => {
    const url = await push(`oci://${registry.host}/a`, "x86_64", join(place.folder, "x86.iso"));
    const request = { url, checksum: null };
    const { certsFolder, certificate, login } = registry;
    await refused(open({ oci: { certsFolder } }), request, "image-access-denied");
    const wrong = { ...request, auth: { ...login, password: "canary-wrong" } };
    await refused(open({ oci: { certsFolder } }), wrong, "image-access-denied");
    await refused(open({ oci: {} }), { ...request, auth: login }, "image-certificate-untrusted");
    const { fingerprint } = certificate;
    await fetched(open({ oci: {} }), { ...request, auth: login, tls: { fingerprint } });
    const typing = type(undefined, ["image", "push", url, "--arch", "x86_64", "x"], { env: { HOME: "/" } });
    assert.equal(await typing.ended, 1);
  });

  it("is what a machine is deployed from, with what its tag led to when that was accepted", async () => {
    const url = `oci://${registry.host}/boot/rescue:1`;
    const files = [
      "x86_64",
      join(place.folder, "x86.iso"),
      "--arch",
      "aarch64",
      join(place.folder, "arm.iso"),
    ];
    const pinnedUrl = await push(url, ...files);
    const product = await startProduct({
      settings: { OCI_AUTH_FILE: registry.authFile, OCI_CERTS: registry.certsFolder },
    });
    try {
      await product.addNode();
      const accepted = await product.submit({ boot: { iso: { url } } });
      assert.equal(accepted.status, 202);
      assert.deepEqual(accepted.body.request.boot.iso, { url, checksum: null, arch: "x86_64", pinnedUrl });
      await push(url, "x86_64", join(place.folder, "ramdisk"));
      const { state, error } = await product.end(accepted.body.id);
      assert.equal(state, "succeeded", JSON.stringify(error));
      const gone = await product.submit({ boot: { iso: { url: `${url}-gone` } } });
      assert.deepEqual([gone.status, gone.body.code], [422, "image-not-found"]);
      assert.equal(gone.body.errors[0].path, "boot.iso.url");
    } finally {
      await product.stop();
    }
  });
});
