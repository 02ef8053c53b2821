import assert from "node:assert/strict";
import { begin, endAll, serveDisc } from "./fixture.ts";
import { profileNamed } from "./index.ts";
import { until } from "../until.ts";

const CD = "/redfish/v1/Managers/BMC/VirtualMedia/Cd";

describe("a simulated BMC's virtual media", () => {
  afterEach(endAll);

  it("reads back what was inserted, and empty after the eject", async () => {
    const { bmc, client } = await begin();
    const disc = await serveDisc();

    assert.equal((await client.insert(disc.url)).status, 204);
    const { Image, Inserted } = (await client.send("GET", CD)).json;
    assert.deepEqual({ Image, Inserted }, { Image: disc.url, Inserted: true });
    assert.equal((await client.eject()).status, 204);

    const after = (await client.send("GET", CD)).json;
    assert.deepEqual([after.Image, after.Inserted], [null, false]);
    assert.deepEqual(
      bmc.actions.map(({ what }) => what),
      ["insert", "eject"],
    );
  });

  it("reads nothing at insert when it is lazy", async () => {
    const { client } = await begin({ profile: "lazy" });
    const disc = await serveDisc();

    await client.insert(disc.url);

    assert.deepEqual(disc.reads, []);
  });

  it("reads the first blocks at insert when it is eager, behind a task", async () => {
    const { bmc, client } = await begin({ profile: "eager" });
    const disc = await serveDisc();

    const accepted = await client.insert(disc.url);
    assert.equal(accepted.status, 202);
    await until(() => bmc.slot().inserted);

    assert.deepEqual(disc.reads, ["GET bytes=0-65535"]);
    const monitor = accepted.headers.get("location") ?? "";
    assert.equal((await client.send("GET", monitor)).status, 204);
  });

  it("tells through the task that the disc could not be read", async () => {
    const { bmc, client } = await begin({ profile: "eager" });
    const disc = await serveDisc();
    disc.status = 404;

    const monitor = (await client.insert(disc.url)).headers.get("location") ?? "";
    let end = await client.send("GET", monitor);
    while (end.status === 202) end = await client.send("GET", monitor);

    assert.equal(end.status, 400);
    assert.match(end.json.error["@Message.ExtendedInfo"][0].Message, /answered 404/);
    assert.equal(bmc.slot().inserted, false);
  });

  it("boots from its copy without asking the server again when it is copying", async () => {
    const { bmc, client } = await begin({ profile: "copying" });
    const disc = await serveDisc();

    await client.bootOnce(disc.url);
    await until(() => bmc.machine.bootState === "OSRunning");

    assert.deepEqual(disc.reads, ["GET whole"]);
    assert.equal(bmc.bootedFrom?.from, "disc");
    assert.equal(bmc.bootedFrom?.url, disc.url);
  });

  it("promises and inserts nothing when it is told so", async () => {
    const { bmc, client } = await begin();
    bmc.insertNothing();

    assert.equal((await client.insert("http://127.0.0.1:1/x.iso")).status, 204);

    assert.equal((await client.send("GET", CD)).json.Inserted, false);
    assert.deepEqual(bmc.actions, []);
  });

  it("takes media by PATCH where it has no actions, and refuses what its payload rules refuse", async () => {
    const generic = profileNamed("generic");
    const media = {
      ...generic.media,
      insertBy: "patch" as const,
      required: ["Inserted"],
      refused: ["MediaType"],
    };
    const { bmc, client } = await begin({ profile: { ...generic, media } });
    const Image = "http://127.0.0.1:1/x.iso";

    assert.equal((await client.send("PATCH", CD, { Image })).status, 400);
    assert.equal((await client.send("PATCH", CD, { Image, Inserted: true, MediaType: "CD" })).status, 400);
    assert.equal((await client.send("PATCH", CD, { Image, Inserted: true })).status, 204);
    assert.equal(bmc.slot().image, Image);
    assert.equal((await client.send("PATCH", CD, { Image: null, Inserted: false })).status, 204);
    assert.equal(bmc.slot().image, null);
  });

  it("lets a change of media wait under the manual pace", async () => {
    const { bmc, client } = await begin({ pace: "manual" });

    const answer = client.insert("http://127.0.0.1:1/x.iso");
    await until(() => bmc.waitingChanges === 1);
    assert.equal(bmc.slot().inserted, false);
    bmc.releaseChange();

    assert.equal((await answer).status, 204);
    assert.equal(bmc.slot().inserted, true);
  });
});
