import assert from "node:assert/strict";
import { NODE, startApi, stopAll } from "../api/fixture.ts";
import { run } from "./fixture.ts";

describe("trayload token", () => {
  afterEach(stopAll);

  it("makes one that works, shows those there are, and revokes it", async () => {
    const api = await startApi();
    const nowMs = () => Date.parse("2030-01-01T00:00:00Z");
    const words = [
      "token",
      "create",
      "pipeline",
      "--role",
      "operator",
      "--scope",
      "team=red",
      "--scope",
      "row=1",
    ];
    const made = await run(api, [...words, "--expires", "90d"], { nowMs });
    assert.equal(made.status, 0, made.err);
    const token = made.out.trim();
    assert.match(token, /^tl_[\w-]{43}$/, "the result is the token alone, for scripts to take");
    assert.match(
      made.err,
      /pipeline \(operator\) until 2030-04-01T00:00:00.000Z; the token is not shown again/,
    );
    assert.equal((await run(api, ["node", "list"], { env: { TRAYLOAD_TOKEN: token } })).status, 0);
    const listed = await run(api, ["token", "list"]);
    assert.match(
      listed.out,
      /^pipeline +operator +team=red,row=1 +2030-04-01T00:00:00.000Z +\d{4}-\S+ +admin$/m,
    );
    assert.doesNotMatch(listed.out, new RegExp(token));
    assert.match((await run(api, ["token", "revoke", "pipeline"])).out, /pipeline is revoked/);
    const refused = await run(api, ["node", "list"], { env: { TRAYLOAD_TOKEN: token } });
    assert.deepEqual([refused.status, /unauthorized/.test(refused.err)], [1, true]);
    assert.match((await run(api, ["token", "list"])).out, /none but the first admin token/);
  });

  it("says what a role may not do, and which may", async () => {
    const api = await startApi();
    const token = (await run(api, ["token", "create", "eyes", "--role", "viewer"])).out.trim();
    await api.call("POST", "/v1/nodes", NODE);
    const said = await run(api, ["node", "remove", NODE.name], { env: { TRAYLOAD_TOKEN: token } });
    assert.equal(said.status, 1);
    assert.match(said.err, /the role viewer, which may not DELETE \/v1\/nodes\/\{id\}\. \(forbidden\)/);
    assert.match(said.err, /hint: It needs a token of one of these roles: admin\./);
  });

  it("wants a role that there is, and an end that lies ahead", async () => {
    for (const words of [["--role", "king"], [], ["--role", "viewer", "--expires", "0s"]]) {
      assert.equal((await run(undefined, ["token", "create", "x", ...words])).status, 2, words.join(" "));
    }
  });
});
