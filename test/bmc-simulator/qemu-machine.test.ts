import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { createQemuMachine } from "./qemu-machine.ts";

describe("a QEMU machine without QEMU", () => {
  it("goes off again, and says which package is missing", async () => {
    const machine = createQemuMachine({ name: "without", program: "qemu-that-is-not-there" });
    const self = new EventEmitter();
    machine.onSelf = (what) => self.emit("self", what);

    machine.powerOn({ disc: null, from: "disc", mode: "bios" });

    assert.deepEqual(await once(self, "self"), ["off"]);
    assert.equal(machine.isOn, false);
    assert.match(
      machine.lastError ?? "",
      /qemu-that-is-not-there is missing: install Debian's qemu-system-x86/,
    );
    await machine.close();
  });
});
