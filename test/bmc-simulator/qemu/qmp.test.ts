import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { listenForQmp, QmpError } from "./qmp.ts";

/** Calls as a QEMU would, and answers each command as told; null hangs up. */
function callIn(path: string, answer: (command: string) => object | null): Socket {
  const socket = connect(path);
  socket.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');
  createInterface({ input: socket }).on("line", (line) => {
    const { execute, id } = JSON.parse(line) as { execute: string; id: number };
    const told = answer(execute);
    if (told) socket.write(`${JSON.stringify({ ...told, id })}\r\n`);
    else socket.destroy();
  });
  return socket;
}

describe("the wire to a QEMU", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "qmp-test-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("opens with the greeting, then gives back what a command returns", async () => {
    const listener = await listenForQmp(join(folder, "s"), () => undefined);
    const qemu = callIn(join(folder, "s"), (command) => ({ return: { did: command } }));

    const { execute } = await listener.connected;

    assert.deepEqual(await execute("query-status"), { did: "query-status" });
    qemu.destroy();
  });

  it("tells a refusal in QEMU's words, and events as they come", async () => {
    const events: string[] = [];
    const listener = await listenForQmp(join(folder, "s"), (event, { reason }) =>
      events.push(`${event} ${String(reason)}`),
    );
    const refuse = { error: { class: "DeviceNotFound", desc: "Device 'x' not found" } };
    const qemu = callIn(join(folder, "s"), (command) => (command === "eject" ? refuse : { return: {} }));
    const { execute } = await listener.connected;

    qemu.write('{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}\r\n');
    await assert.rejects(execute("eject"), (error: QmpError) => error.kind === "DeviceNotFound");

    assert.deepEqual(events, ["SHUTDOWN guest-reset"]);
    qemu.destroy();
  });

  it("fails what is still asked when QEMU ends", async () => {
    const listener = await listenForQmp(join(folder, "s"), () => undefined);
    callIn(join(folder, "s"), (command) => (command === "cont" ? null : { return: {} }));
    const { execute } = await listener.connected;

    await assert.rejects(execute("cont"), QmpError);
  });

  it("fails what is still asked when QEMU is killed before it has read that", async () => {
    const listener = await listenForQmp(join(folder, "s"), () => undefined);
    // It never reads: the answer to the first command is written unasked.
    const qemu = connect(join(folder, "s")).pause();
    qemu.write('{"QMP": {}}\r\n{"return": {}, "id": 1}\r\n');
    const { execute } = await listener.connected;

    const asked = execute("cont");
    qemu.destroy();

    await assert.rejects(asked, QmpError);
  });

  it("fails who waits for a QEMU that never called", async () => {
    const listener = await listenForQmp(join(folder, "s"), () => undefined);

    listener.close();

    await assert.rejects(listener.connected, QmpError);
  });
});
