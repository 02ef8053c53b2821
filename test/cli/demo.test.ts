import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { run, type } from "./fixture.ts";

describe("demo", () => {
  it("deploys a simulated machine from nothing to the proof, and leaves nothing", async () => {
    const { status, out, err } = await run(undefined, ["demo", "--image-mib", "4"]);
    assert.equal(status, 0, out + err);
    const story = [
      /1\. A lab: 3 simulated BMCs/,
      /POST \/v1\/nodes/,
      /preflight: succeeded/,
      /action +insert-media at \/redfish/,
      /proof +inserted: /,
      /proof +powered-on: /,
      /proof +callback: /,
      /succeeded after .*rack1-u01/,
      /The machine itself says: booted volume DEMO from http.*boot\.iso\n.*slot empty/,
      /The demo succeeded after/,
      /npx trayload serve/,
    ];
    const places = story.map((line) => out.search(line));
    assert.ok(!places.includes(-1), `${String(story[places.indexOf(-1)])} is missing in\n${out}`);
    assert.deepEqual(
      places,
      places.toSorted((one, other) => one - other),
    );
  });

  it("stays for a look, with a token, until Ctrl-C", async () => {
    const typing = type(undefined, ["demo", "--keep", "--image-mib", "1"]);
    await Promise.race([typing.until("It stays"), typing.ended]);
    const [, url, token] = /TRAYLOAD_URL=(\S+) TRAYLOAD_TOKEN=(\S+)/.exec(typing.out)!;
    const [folder] = /\/\S*trayload-demo-\w+/.exec(typing.out)!;
    const env = { TRAYLOAD_URL: url!, TRAYLOAD_TOKEN: token! };
    const listed = await run(undefined, ["deployment", "list", "--json"], { env });
    assert.equal(listed.json.items[0].state, "succeeded");
    assert.ok(existsSync(folder));
    typing.interrupt();
    assert.equal(await typing.ended, 0);
    assert.ok(!existsSync(folder), "its folder goes with it");
  });

  it("ends at Ctrl-C at any time, and clears up", async () => {
    for (const moment of ["A lab", "action  insert-media"]) {
      const typing = type(undefined, ["demo", "--image-mib", "4"]);
      await typing.until(moment);
      typing.interrupt();
      assert.equal(await typing.ended, 130);
      assert.match(typing.out, /The demo was stopped/);
      assert.ok(!typing.err.includes("goes on"), "nothing goes on, since all of it is gone");
    }
  });

  it("exits 2 for a profile that is none", async () => {
    const { status, err } = await run(undefined, ["demo", "--profile", "nonsense"]);
    assert.match(err, /nonsense/);
    assert.equal(status, 2);
  });
});
