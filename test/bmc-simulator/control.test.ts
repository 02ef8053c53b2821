import assert from "node:assert/strict";
import { readFileSync, globSync } from "node:fs";
import { join } from "node:path";
import { basicOf, begin, endAll } from "./fixture.ts";
import { until } from "../until.ts";

/** Discs to try it with, which the tests of every room share. */
const MEDIA = join(import.meta.dirname, "../media/");
const UNTIL = join(import.meta.dirname, "../until.ts");
const IMAGE = "http://127.0.0.1:1/x.iso";

describe("the control face", () => {
  afterEach(endAll);

  it("makes a request fail before it acts", async () => {
    const { bmc, client } = await begin();
    bmc.failNext("POST InsertMedia", { status: 503, body: "<html>busy</html>" });

    const failed = await client.insert(IMAGE);

    assert.deepEqual([failed.status, failed.text], [503, "<html>busy</html>"]);
    assert.equal(bmc.slot().inserted, false);
    assert.equal((await client.insert(IMAGE)).status, 204);
  });

  it("makes a request fail after it acted, by hanging up", async () => {
    const { bmc, client } = await begin();
    bmc.failNext("InsertMedia", { hangUp: true, afterActing: true });

    await assert.rejects(client.insert(IMAGE));

    assert.equal(bmc.slot().image, IMAGE);
    const last = bmc.requests.at(-1)!;
    assert.deepEqual([last.acted, last.status], [true, null]);
  });

  for (const when of ["before-acting", "after-acting"] as const)
    it(`holds a request ${when} until it is released`, async () => {
      const { bmc, client } = await begin();
      bmc.hold("ComputerSystem.Reset", when);

      const answer = client.reset("On");
      const { request } = await bmc.whenHeld();
      assert.equal(request.status, null);
      assert.equal(bmc.power, when === "before-acting" ? "Off" : "On");
      bmc.release();

      assert.equal((await answer).status, 204);
      assert.equal(bmc.power, "On");
    });

  it("holds one of many requests", async () => {
    const { bmc, client } = await begin();
    bmc.hold("GET", "before-acting", 1);

    assert.equal((await client.send("GET", "/redfish/v1/")).status, 200);
    const second = client.send("GET", "/redfish/v1/");
    await bmc.whenHeld();
    bmc.release();

    assert.equal((await second).status, 200);
  });

  it("loses a request that it held, and all that it would have done", async () => {
    const { bmc, client } = await begin();
    bmc.hold("ComputerSystem.Reset", "before-acting");

    const lost = assert.rejects(client.reset("On"));
    await bmc.whenHeld();
    bmc.drop();

    await lost;
    assert.equal(bmc.power, "Off");
    assert.equal((await client.reset("On")).status, 204);
  });

  it("holds power changes and lets them happen in order", async () => {
    const { bmc, client } = await begin();
    bmc.holdPower();

    assert.equal((await client.reset("On")).status, 204);
    assert.equal(bmc.power, "Off");
    bmc.releasePower();

    await until(() => bmc.power === "On");
  });

  it("falls silent and comes back", async () => {
    const { bmc, client } = await begin();
    bmc.goSilent();
    const lost = assert.rejects(client.send("GET", "/redfish/v1/"));
    await until(() => bmc.requests.length === 1);

    bmc.comeBack();

    await lost;
    assert.equal((await client.send("GET", "/redfish/v1/")).status, 200);
  });

  it("is spoken over HTTP too", async () => {
    const { lab, bmc, client } = await begin({ count: 2 });
    const post = (path: string, body: unknown) =>
      fetch(`${lab.controlUrl}/bmcs/${path}`, { method: "POST", body: JSON.stringify(body) });

    await post(`${bmc.name}/failNext`, { match: "GET /redfish/v1/Systems$", status: 418 });
    assert.equal((await client.send("GET", "/redfish/v1/Systems")).status, 418);
    await post("*/neverPowersOn", {});
    await client.reset("On");

    const state = (await (await fetch(`${lab.controlUrl}/bmcs/${bmc.name}`)).json()) as { power: string };
    assert.equal(state.power, "Off");
    assert.equal((await post(`${bmc.name}/explode`, {})).status, 404);
  });

  it("shows a stale If-Match as 412, and takes the fresh one", async () => {
    const { bmc, client } = await begin();
    const path = "/redfish/v1/Systems/1";
    const etag = (await client.send("GET", path)).headers.get("etag") ?? "";
    const patch = (tag: string, mode: string) => {
      const headers = { ...basicOf(bmc), "if-match": tag };
      return client.send("PATCH", path, { Boot: { BootSourceOverrideMode: mode } }, headers);
    };

    assert.equal((await patch(etag, "Legacy")).status, 204);
    assert.equal((await patch(etag, "UEFI")).status, 412);
    assert.equal(bmc.override.mode, "Legacy");
  });

  it("knows nothing of the product that it tests", () => {
    const files = globSync("**/*.ts", { cwd: import.meta.dirname });
    assert.ok(files.length > 20);
    for (const file of files) {
      const text = readFileSync(join(import.meta.dirname, file), "utf8");
      const paths = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => match[1]!);
      for (const path of paths) {
        const target = join(import.meta.dirname, file, "..", path);
        const isAllowed = [import.meta.dirname, MEDIA, UNTIL].some((place) => target.startsWith(place));
        assert.ok(isAllowed, `${file} imports ${path} from outside the simulator`);
      }
    }
  });
});
