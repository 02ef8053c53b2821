import assert from "node:assert/strict";
import { loadOrder } from "./kernel.ts";
import { payloadConfig } from "./payload-iso.ts";

describe("a payload's kernel line", () => {
  it("carries the call-back and the action as they were given", () => {
    const callBack = "http://10.0.2.2:8080/callbacks/a-b_c?x=1&y=$2;z";

    const config = payloadConfig({ marker: "M", action: "poweroff", callBack, kernelArgs: ["debug"] });

    assert.match(config, /^linux \/boot\/vmlinuz .* 'trayload.marker=M' 'trayload.action=poweroff'/m);
    assert.ok(config.includes(` 'trayload.callback=${callBack}' 'debug'\n`));
  });

  for (const word of ["a b", "a'b", 'a"b', "a\\b", "a\nreboot", ""])
    it(`refuses ${JSON.stringify(word)}, which GRUB or the kernel would read in a way of its own`, () =>
      assert.throws(() => payloadConfig({ marker: "M", action: "stay", kernelArgs: [word] }), RangeError));
});

describe("the kernel modules of a payload", () => {
  it("are loaded each after what it needs, and once", () => {
    const dep =
      "kernel/net/failover.ko:\nkernel/drivers/virtio_net.ko: kernel/net/net_failover.ko kernel/net/failover.ko\n";

    assert.deepEqual(loadOrder(dep, ["failover", "virtio_net"]), [
      "kernel/net/failover.ko",
      "kernel/net/net_failover.ko",
      "kernel/drivers/virtio_net.ko",
    ]);
  });

  it("are refused by name when the kernel has no such module", () =>
    assert.throws(() => loadOrder("kernel/a.ko:\n", ["b"]), /no module b/));
});
