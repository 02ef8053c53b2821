import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { launch } from "./fixture.ts";

describe("simulate", () => {
  it("starts BMCs that answer, and ends well at Ctrl-C, which a terminal sends twice", async () => {
    const { child, said, until, ended } = launch(["simulate", "--count", "2", "--profile", "eager"]);
    await until("ready\n");

    const bmcs = said.out.trim().split("\n").slice(0, -1);
    const { address } = JSON.parse(bmcs[1]!) as { address: string };
    const root = (await (await fetch(`${address}/redfish/v1`)).json()) as { "@odata.id": string };
    // And then its echo at each moment of the end, also when the lab is gone and Node takes itself apart.
    const firstAt = performance.now();
    while (performance.now() - firstAt < 60) {
      child.kill("SIGINT");
      await pause(1);
    }

    assert.equal(bmcs.length, 2);
    assert.match(root["@odata.id"], /^\/redfish\/v1/);
    assert.equal(await ended, 0, said.err);
  });

  it("exits 1 when it cannot listen, and 2 for a profile that is none", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const taken = launch(["simulate", "--listen", `127.0.0.1:${port}`]);
    const unknown = launch(["simulate", "--profile", "nonsense"]);
    assert.deepEqual([await taken.ended, await unknown.ended], [1, 2]);
    other.close();
    assert.match(taken.said.err, /error: .*EADDRINUSE/);
    assert.match(unknown.said.err, /nonsense/);
  });
});
