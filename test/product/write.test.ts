import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { makeConfigDrive, uuidOf } from "../../src/images/index.ts";
import { asModelMachine, modelMachines } from "../bmc-simulator/index.ts";
import { type FileServer, startFileServer } from "../images/file-server.ts";
import { makeDisk, makeQcow2 } from "../media/disks.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { needProgram } from "../need-program.ts";
import { type AgentParts, makeBootloaders, serveAgentImages } from "./agent-images.ts";
import { type Product, startProduct } from "./fixture.ts";

const DISK = makeDisk({ efi: true });
const sha256 = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const INSTALLERS = { install_coreos: {}, start_assisted_install: {} };
const CONFIG_DRIVE_BYTES = 64 * 2 ** 20;

describe("a disk image that the agent writes", () => {
  let folder: string;
  let images: AgentParts;
  let source: FileServer;
  let product: Product;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "trayload-write-"));
    images = await serveAgentImages();
    source = await startFileServer(DISK);
    const disk = { path: join(folder, "disk"), serial: "S-1", sizeBytes: 2 ** 30 };
    product = await startProduct({
      settings: { BOOTLOADER_X86_64: makeBootloaders(folder) },
      machines: modelMachines({ agent: { steps: INSTALLERS, timeScale: 0.002, disk } }),
      timing: { heartbeatS: 30 },
    });
    const { kernel, ramdisk } = images;
    await product.call("PUT", "/v1/settings/agent-images", { x86_64: { kernel, ramdisk } });
    const { macs } = product.bmc;
    assert.equal((await product.addNode(product.bmc, { macs, bootMode: "uefi" })).status, 201);
  });
  beforeEach(() => {
    source.content = DISK;
    source.requests.length = 0;
  });
  after(async () => {
    await product.stop();
    await source.stop();
    await images.stop();
    rmSync(folder, { recursive: true });
  });

  const machine = () => asModelMachine(product.bmc.machine);
  const onDisk = (length: number, at = 0) => readFileSync(join(folder, "disk")).subarray(at, at + length);
  const serve = (bytes: Buffer) => {
    source.content = bytes;
    source.etag = `"${sha256(bytes)}"`;
    return { url: source.url, checksum: sha256(bytes) };
  };
  const deploy = (request: Record<string, unknown>) => product.deploy({ boot: undefined, ...request });
  const submit = (request: Record<string, unknown>) => product.submit({ boot: undefined, ...request });

  it("lies on the disk that the hints name, is counted on its way, and the disk is booted", async () => {
    const image = { ...serve(DISK), format: "raw" };
    const ended = await deploy({ write: { image, rootDevice: { serial: "s== s-1" } } });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.ok(onDisk(DISK.length).equals(DISK));
    const steps = ended.steps.map(({ name, state }: Record<string, string>) => `${name} ${state}`);
    assert.ok(steps.includes("publish-image done"), steps.join());
    assert.deepEqual(steps.slice(-6, -4), ["deploy.write_image done", "install-bootloader done"]);
    assert.equal(ended.progress.image.sizeBytes, DISK.length);
    assert.equal(ended.progress.image.bytesRead, DISK.length);
    assert.equal(ended.progress.percent, 100);
    assert.equal(product.bmc.bootedFrom?.from, "disk");
    assert.equal(product.bmc.slot().image, null);
    const read = (await product.events(ended.id)).filter(({ type }) => type === "image-read");
    assert.ok(read.length > 0);
    const { body: metrics } = await product.call("GET", "/metrics");
    const [, bytes] = /^trayload_disc_bytes_total\{what="file"\} (\d+)$/m.exec(metrics as string) ?? [];
    assert.ok(Number(bytes) >= DISK.length, "what the agent reads is counted too");
  });

  it("comes from us, so that the agent needs no credential of its source and no other way to it", async () => {
    const auth = { username: "reader", password: "Fetch-Me-7" };
    const before = source.requests.length;
    const ended = await deploy({ write: { image: { ...serve(DISK), auth } } });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const answers = product.answers.join();
    assert.ok(!answers.includes("Fetch-Me-7") && !product.logged.join().includes("Fetch-Me-7"));
    assert.ok(source.requests.slice(before).every(({ headers }) => headers.authorization !== undefined));
    assert.ok(!answers.includes("/i/"), "the image's path was shown");
  });

  it("is written out of qcow2 as well", async function () {
    needProgram(this, "qemu-img", "qemu-utils");
    const ended = await deploy({ write: { image: { ...serve(makeQcow2(DISK)), format: "qcow2" } } });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.ok(onDisk(DISK.length).equals(DISK));
  });

  it("is read by the agent from its own source where that was asked", async () => {
    const image = { ...serve(DISK), format: "raw" };
    const ended = await deploy({ write: { image, from: "source" } });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.ok(onDisk(DISK.length).equals(DISK));
    assert.equal(ended.progress.image, null);
  });

  for (const [what, given] of [
    ["in base64", (drive: Buffer) => ({ contentBase64: drive.toString("base64") })],
    ["packed", (drive: Buffer) => ({ contentBase64: gzipSync(drive).toString("base64") })],
    // Random bytes cannot be packed, and then it is too large for a command.
    ["and is large", (drive: Buffer) => ({ contentBase64: drive.toString("base64") })],
  ] as const)
    it(`is written with a config drive that was given ${what}`, async () => {
      const userData = what === "and is large" ? randomBytes(300_000) : Buffer.from("#!/bin/sh\n");
      const drive = makeConfigDrive({ userData }, { uuid: "u", name: "n" });
      const ended = await deploy({ write: { image: serve(DISK), configDrive: given(drive) } });

      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
      assert.ok(onDisk(drive.length, 2 ** 30 - CONFIG_DRIVE_BYTES).equals(drive));
      assert.ok(!JSON.stringify(ended.request).includes(drive.toString("base64").slice(-40)));
    });

  it("is written with a config drive from a URL, which the agent gets from us", async () => {
    const drive = makeConfigDrive({ userData: Buffer.from("from afar") }, { uuid: "u", name: "n" });
    const other = await startFileServer(gzipSync(drive));
    const configDrive = { url: other.url, checksum: sha256(other.content) };
    const ended = await deploy({ write: { image: serve(DISK), configDrive } });
    await other.stop();

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.ok(onDisk(drive.length, 2 ** 30 - CONFIG_DRIVE_BYTES).equals(drive));
  });

  it("is written with a config drive of the request's own documents, and of the node's network", async () => {
    const networkData = {
      links: [{ id: "a", type: "phy", ethernet_mac_address: "52:54:00:12:34:56" }],
      networks: [],
    };
    const userData = "#cloud-config\nhostname: secret-host\n";
    const metaData = { hostname: "web-7" };
    const ended = await deploy({ write: { image: serve(DISK) }, userData, metaData, networkData });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const drive = onDisk(2 ** 20, 2 ** 30 - CONFIG_DRIVE_BYTES).toString("latin1");
    assert.match(drive, /config-2/);
    assert.ok(drive.includes(userData) && drive.includes('"hostname":"web-7"'));
    assert.ok(drive.includes(`"uuid":"${uuidOf(ended.id)}"`) && drive.includes(JSON.stringify(networkData)));
    assert.ok(!JSON.stringify(ended).includes("secret-host"));
    assert.ok(!readFileSync(join(product.folder, "trayload.db")).includes("secret-host"));
    // They are for the system that is written, and not for the agent that writes it.
    assert.equal(machine().agentDisc?.files["/openstack/latest/user_data"], undefined);
  });

  it("is left to a step that installs in its own way, which gets its arguments as they were given", async () => {
    const agentSteps = [{ interface: "deploy", step: "install_coreos" }];
    const userData = { ignition: { version: "3.4.0" } };
    const metaData = { coreos_append_karg: ["console=ttyS0"] };
    const ended = await deploy({ write: { image: serve(DISK) }, agentSteps, userData, metaData });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const steps = ended.steps.map(({ name }: { name: string }) => name);
    assert.ok(steps.includes("deploy.install_coreos") && !steps.includes("deploy.write_image"), steps.join());
    const { name } = product.bmc;
    const { node, step } = machine().agent!.sent.get("deploy.execute_deploy_step") as Record<string, any>;
    assert.deepEqual(step, { interface: "deploy", step: "install_coreos", args: {}, priority: 90 });
    // As the hardware manager of openshift/ironic-agent-image reads them.
    assert.equal(node.automated_clean, false);
    assert.deepEqual(node.instance_info.configdrive, {
      meta_data: { uuid: uuidOf(ended.id), name, ...metaData },
      user_data: JSON.stringify(userData),
    });
    assert.match(node.instance_info.image_source, /^http:.*\/[0-9A-Za-z]{22}/);
  });

  it("may be none, where what is in the live system installs itself", async () => {
    const agentSteps = [{ interface: "deploy", step: "start_assisted_install" }];
    const ended = await deploy({ agentSteps });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const { node } = machine().agent!.sent.get("deploy.execute_deploy_step") as Record<string, any>;
    assert.deepEqual(Object.keys(node.instance_info), ["configdrive"]);
    const { timeoutMs } = ended.request.agent.steps[0];
    assert.equal(timeoutMs, 3_600_000, "the step has no limit of its own");
  });

  describe("is refused before the BMC is touched", () => {
    for (const [what, bytes, image, code] of [
      ["is an ISO", makeTinyIso({ sizeBytes: 2 ** 20 }), {}, "iso-not-writable"],
      ["is not of its format", makeQcow2(DISK), { format: "raw" }, "image-format-mismatch"],
      ["is raw and declared as qcow2", DISK, { format: "qcow2" }, "image-format-mismatch"],
      ["no UEFI would boot", makeDisk({ bootCode: true }), {}, "image-not-bootable"],
      ["has a backing file", withBackingFile(makeQcow2(DISK)), {}, "image-unsafe"],
      ["is packed", gzipSync(DISK), {}, "image-format-mismatch"],
    ] as const)
      it(`when it ${what}`, async () => {
        const asked = product.bmc.requests.length;
        const ended = await deploy({ write: { image: { ...serve(bytes), ...image } } });

        assert.equal(ended.state, "failed");
        assert.equal(ended.error.code, code, JSON.stringify(ended.error));
        assert.equal(ended.error.step, "publish-image");
        assert.ok(ended.error.hint.length > 10);
        const changes = product.bmc.requests.slice(asked).filter(({ method }) => method !== "GET");
        assert.deepEqual(
          changes.filter(({ path }) => !path.includes("Session")),
          [],
        );
      });

    it("unless what does not look bootable is forced", async () => {
      const ended = await deploy({ write: { image: serve(makeDisk({ bootCode: true })), force: true } });

      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
      assert.match(ended.warnings.join(), /no EFI system partition/);
    });
  });

  describe("is refused with the request", () => {
    const image = { url: "https://images.example/disk.raw" };
    for (const [what, write, code, path] of [
      ["hints", { image, rootDevice: { size: "big" } }, "root-device-invalid", "write.rootDevice.size"],
      ["a hint", { image, rootDevice: { colour: "red" } }, "root-device-invalid", "write.rootDevice.colour"],
      ["a layout", { image, layout: { rootMiB: 1 } }, "write-invalid", "write.layout"],
      ["no layout", { image: { ...image, kind: "partition" } }, "write-invalid", "write.layout"],
      [
        "no checksum",
        { image: { ...image, format: "raw" }, from: "source" },
        "write-invalid",
        "write.image.checksum",
      ],
      ["a format", { image: { ...image, format: "iso" } }, "invalid-field", "write.image.format"],
      ["a kind", { image: { ...image, kind: "disk" } }, "invalid-field", "write.image.kind"],
      [
        "a drive",
        { image, configDrive: { contentBase64: "aGVsbG8=" } },
        "config-drive-invalid",
        "write.configDrive.contentBase64",
      ],
      ["a URL", { image: { url: "ftp://images.example/disk" } }, "image-not-allowed", "write.image.url"],
      [
        "a checksum",
        { image: { ...image, checksum: "sha256:12" } },
        "checksum-invalid",
        "write.image.checksum",
      ],
      ["an unknown field", { image, disk: "/dev/sda" }, "unknown-field", "write.disk"],
    ] as const)
      it(`for ${what}: ${path}`, async () => {
        const { status, body } = await submit({ write });

        assert.equal(status, 422, JSON.stringify(body));
        assert.equal(body.code, code, JSON.stringify(body));
        assert.ok(
          body.errors.some((one: { path: string }) => one.path === path),
          JSON.stringify(body),
        );
      });
  });

  it("is for a node whose hints are judged when they are written", async () => {
    const path = `/v1/nodes/${product.bmc.name}`;
    const { status, body } = await product.call("PATCH", path, { rootDevice: { model: "<all-in> a b" } });

    assert.equal(status, 422);
    assert.deepEqual(
      body.errors.map((one: { path: string }) => one.path),
      ["rootDevice.model"],
    );
    assert.match(body.detail, /cannot be compared by <all-in>/);
  });

  for (const [type, write] of [
    [
      "ImageChecksumError",
      { image: { checksum: `sha256:${"0".repeat(64)}`, format: "raw" }, from: "source" },
    ],
    ["InvalidImage", { image: { format: "qcow2" }, from: "source" }],
    ["DeviceNotFound", { image: {}, rootDevice: { serial: "another" } }],
  ] as const)
    it(`fails with the agent's own word ${type}, and leaves the machine clean`, async () => {
      const image = { ...serve(DISK), ...write.image };
      const ended = await deploy({ write: { ...write, image } });

      assert.equal(ended.state, "failed");
      assert.equal(ended.error.step, "deploy.write_image");
      assert.equal(ended.error.code, "agent-command-failed");
      assert.match(ended.error.message, new RegExp(type));
      assert.ok(ended.error.hint.length > 10);
      assert.equal(ended.clean, true);
      assert.equal(product.bmc.slot().image, null);
    });
});

/** Names another file, which whoever opens it would read (docs/interop/qcow2.rst). */
function withBackingFile(qcow2: Buffer): Buffer {
  const bytes = Buffer.from(qcow2);
  const name = "/etc/passwd";
  bytes.write(name, 1024, "latin1");
  bytes.writeBigUInt64BE(1024n, 8);
  bytes.writeUInt32BE(name.length, 16);
  return bytes;
}
