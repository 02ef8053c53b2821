import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  inspectImage,
  inspectIso,
  makeConfigDrive,
  packConfigDrive,
  readConfigDrive,
  uuidOf,
} from "../../../src/images/index.ts";
import { run } from "../discs/bytes.ts";
import { needProgram } from "../../need-program.ts";

const NAMES = { uuid: uuidOf("dep_1"), name: "rack1-u07" };
const DATA = {
  metaData: { hostname: "web-7.example.org", public_keys: { ops: "ssh-ed25519 AAAA" } },
  userData: Buffer.from("#cloud-config\npackages: [nginx]\n"),
  networkData: { links: [], networks: [], services: [{ type: "dns", address: "10.0.0.2" }] },
  vendorData: { cloud: "bare" },
};
const FILES = {
  "meta_data.json": JSON.stringify({ ...NAMES, ...DATA.metaData }),
  user_data: DATA.userData.toString(),
  "network_data.json": JSON.stringify(DATA.networkData),
  "vendor_data2.json": JSON.stringify(DATA.vendorData),
};

describe("a config drive", () => {
  let folder: string;
  let path: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "trayload-config-drive-"));
    path = join(folder, "drive.iso");
    writeFileSync(path, makeConfigDrive(DATA, NAMES));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("gives each file to xorriso, under the label that cloud-init and Ignition look for", function () {
    needProgram(this, "xorriso", "xorriso");
    run("xorriso", ["-osirrox", "on", "-indev", path, "-extract", "/", join(folder, "out")]);

    for (const [name, words] of Object.entries(FILES))
      assert.equal(readFileSync(join(folder, "out/openstack/latest", name), "utf8"), words, name);
    assert.match(run("xorriso", ["-indev", path, "-pvd_info"]), /Volume Id *: config-2/);
    run("chmod", ["-R", "u+w", join(folder, "out")]);
  });

  it("is the same to isoinfo in both of its trees, and no boot disc", async function () {
    needProgram(this, "isoinfo", "genisoimage");
    const names = Object.keys(FILES).map((name) => `/openstack/latest/${name}`);

    for (const tree of ["-R", "-J"]) {
      const listed = run("isoinfo", [tree, "-f", "-i", path]).split("\n");
      assert.deepEqual(
        listed.filter((name) => name.includes(".json") || name.includes("user")).toSorted(),
        names.toSorted(),
      );
    }
    assert.doesNotMatch(run("isoinfo", ["-d", "-i", path]), /El Torito/);
    await assert.rejects(inspectIso(path), { code: "image-not-bootable" });
    assert.equal((await inspectImage(path)).format, "iso");
  });

  it("has the same bytes for the same data, packed too, and others for others", () => {
    const again = makeConfigDrive(structuredClone(DATA), NAMES);

    assert.ok(again.equals(readFileSync(path)));
    assert.equal(packConfigDrive(again), packConfigDrive(readFileSync(path)));
    const other = makeConfigDrive({ ...DATA, userData: Buffer.from("#!/bin/sh\n") }, NAMES);
    assert.ok(!other.equals(again));
  });

  it("has meta data that cloud-init takes, also where none were given", function () {
    needProgram(this, "isoinfo", "genisoimage");
    const bare = join(folder, "bare.iso");
    writeFileSync(bare, makeConfigDrive({}, NAMES));

    const meta = run("isoinfo", ["-R", "-i", bare, "-x", "/openstack/latest/meta_data.json"]);
    assert.deepEqual(JSON.parse(meta), { ...NAMES, hostname: "rack1-u07" });
    assert.match(NAMES.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("is packed small enough to stand in a command", () => {
    const packed = packConfigDrive(readFileSync(path));

    assert.ok(packed.length < 4096, `${packed.length}`);
    assert.ok(gunzipSync(Buffer.from(packed, "base64")).equals(readFileSync(path)));
  });

  it("is taken ready-made in each form that people have it in", async () => {
    const drive = readFileSync(path);
    const packed = packConfigDrive(drive);

    assert.equal(await readConfigDrive(drive), packed);
    assert.equal(await readConfigDrive(gzipSync(drive)), packed);
    assert.equal(await readConfigDrive(Buffer.from(packed)), packed);
    assert.equal(await readConfigDrive(Buffer.from(`${packed}\n`)), packed);
  });

  for (const [what, given] of [
    ["a script", Buffer.from("#!/bin/sh\necho hello\n")],
    ["nothing", Buffer.alloc(0)],
    ["damaged gzip", Buffer.from([0x1f, 0x8b, 1, 2, 3])],
    ["gzip that grows to more than its partition", gzipSync(Buffer.alloc(65 * 1024 * 1024))],
    ["a web page", Buffer.from("<html></html>")],
  ] as const)
    it(`is refused when it is ${what}`, async () => {
      await assert.rejects(readConfigDrive(given), { code: "config-drive-invalid", retryable: false });
    });

  it("is refused when it would not fit into its partition", () => {
    const userData = Buffer.alloc(64 * 1024 * 1024, "x");

    assert.throws(() => makeConfigDrive({ userData }, NAMES), { code: "config-drive-invalid" });
  });
});
