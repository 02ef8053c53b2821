import assert from "node:assert/strict";
import { deploymentInput } from "../../src/api/schemas/deployment.ts";
import { nodeInput } from "../../src/api/schemas/node.ts";
import { requestOf } from "../../src/web/page/fleet/request.ts";
import { nodeInputOf } from "../../src/web/page/node/node-input.ts";

function formOf(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}
/** What the API makes of it, which refuses what it does not know. */
const accepted = (request: object) => deploymentInput.parse({ node: "n", ...request });

describe("the request that the deploy dialog makes", () => {
  it("says no more than was asked for", () => {
    const form = formOf({
      iso: " https://images.example/a.iso ",
      isoChecksum: "",
      kernelArgs: "",
      finish: "",
    });
    assert.deepEqual(requestOf("iso", form, []), { boot: { iso: { url: "https://images.example/a.iso" } } });
  });

  it("boots a kernel and a ramdisk with what is the node's own", () => {
    const form = formOf({
      kernel: "https://i/k",
      kernelChecksum: "sha256:00",
      ramdisk: "https://i/r",
      bootloader: "",
      kernelArgs: "console=ttyS0",
      userData: "#cloud-config",
      networkData: '{"links": []}',
      finish: "callback",
      eject: "on-callback",
      timeoutMinutes: "90",
      labels: "wave=1",
      queue: "on",
    });
    const request = requestOf("kernel", form, [{ path: "/ks.cfg", contentBase64: "YQ==" }]);
    assert.deepEqual(request, {
      boot: { kernel: { url: "https://i/k", checksum: "sha256:00" }, ramdisk: { url: "https://i/r" } },
      kernelArgs: "console=ttyS0",
      userData: "#cloud-config",
      networkData: { links: [] },
      files: [{ path: "/ks.cfg", contentBase64: "YQ==" }],
      finish: "callback",
      eject: "on-callback",
      timeoutMs: 5_400_000,
      labels: { wave: "1" },
      whenBusy: "queue",
    });
    assert.ok(accepted({ ...request, networkData: null }));
  });

  it("has the agent write a disk image, with the server's own agent unless another is given", () => {
    const disk = { disk: "https://i/debian.qcow2", diskChecksum: "sha256:11" };
    const whole = requestOf(
      "write",
      formOf({ ...disk, imageKind: "whole-disk", rootDevice: "serial=S4" }),
      [],
    );
    assert.deepEqual(whole, {
      write: { image: { url: disk.disk, checksum: disk.diskChecksum }, rootDevice: { serial: "S4" } },
    });
    const own = { kernel: "https://i/k", ramdisk: "https://i/r" };
    const part = requestOf("write", formOf({ ...disk, ...own, imageKind: "partition", rootMiB: "4096" }), []);
    assert.deepEqual((part as { write: object }).write, {
      image: { url: disk.disk, checksum: disk.diskChecksum, kind: "partition" },
      layout: { rootMiB: 4096 },
    });
    for (const request of [whole, part]) assert.ok(accepted(request));
  });

  it("says what is wrong with network data before it is sent", () => {
    const form = formOf({ iso: "https://i/a.iso", networkData: "links: []" });
    assert.throws(() => requestOf("iso", form, []), /not JSON/);
  });
});

describe("the node that the page adds", () => {
  const required = { name: "rack1-u07", address: "10.0.7.21", username: "root", password: " a " };

  it("is reached by https unless something else is said, and keeps its password to the letter", () => {
    const input = nodeInputOf(formOf(required));
    assert.deepEqual(input, {
      name: "rack1-u07",
      bmc: { address: "https://10.0.7.21", username: "root", password: " a " },
    });
    const lab = nodeInputOf(formOf({ ...required, address: "http://10.0.7.21:8000" })) as {
      bmc: { address: string };
    };
    assert.equal(lab.bmc.address, "http://10.0.7.21:8000");
  });

  it("has all else that can be said of it, in the API's own words", () => {
    const fingerprint = `sha256:${"0".repeat(64)}`;
    const more = {
      arch: "aarch64",
      bootMode: "uefi",
      site: "ams1",
      rack: "r1",
      labels: "role=worker",
      macs: "52:54:00:12:34:56",
      fingerprint,
      systemId: "1",
      protected: "on",
      maintenance: "on",
    };
    const node = nodeInput.parse(nodeInputOf(formOf({ ...required, ...more })));
    assert.deepEqual(node.bmc.tls, { mode: "pin", fingerprint });
    assert.deepEqual([node.arch, node.rack, node.labels], ["aarch64", "r1", { role: "worker" }]);
    assert.deepEqual([node.macs, node.protected, node.maintenance], [["52:54:00:12:34:56"], true, true]);
  });
});
