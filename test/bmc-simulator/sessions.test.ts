import assert from "node:assert/strict";
import { basicOf, begin, endAll } from "./fixture.ts";
import { profileNamed } from "./index.ts";

const SESSIONS = "/redfish/v1/SessionService/Sessions";

describe("a simulated BMC's log-in", () => {
  afterEach(endAll);

  it("shows the service root to anybody, and nothing else", async () => {
    const { client } = await begin();

    assert.equal((await client.send("GET", "/redfish/v1/", undefined, {})).status, 200);
    const refused = await client.send("GET", "/redfish/v1/Systems", undefined, {});
    assert.equal(refused.status, 401);
    assert.match(refused.json.error["@Message.ExtendedInfo"][0].MessageId, /NoValidSession$/);
  });

  it("gives a session a token and a resource, until it is deleted", async () => {
    const { bmc, client } = await begin();

    const { username: UserName, password: Password } = bmc;
    const made = await client.send("POST", SESSIONS, { UserName, Password }, {});
    assert.equal(made.status, 201);
    const token = { "x-auth-token": made.headers.get("x-auth-token") ?? "" };
    const location = made.headers.get("location") ?? "";
    assert.equal((await client.send("GET", location, undefined, token)).json.UserName, UserName);
    assert.equal(bmc.openSessions, 1);

    assert.equal((await client.send("DELETE", location, undefined, token)).status, 204);
    assert.equal((await client.send("GET", "/redfish/v1/Systems", undefined, token)).status, 401);
    assert.equal(bmc.openSessions, 0);
  });

  it("refuses a token that was made to expire", async () => {
    const { bmc, client } = await begin();
    const { username: UserName, password: Password } = bmc;
    const made = await client.send("POST", SESSIONS, { UserName, Password }, {});

    bmc.expireSessions();

    const token = { "x-auth-token": made.headers.get("x-auth-token") ?? "" };
    assert.equal((await client.send("GET", "/redfish/v1/Systems", undefined, token)).status, 401);
  });

  it("ends a session that was silent for longer than its time-out", async () => {
    let now = 0;
    const { bmc, client } = await begin({ clock: () => now });
    const { username: UserName, password: Password } = bmc;
    const made = await client.send("POST", SESSIONS, { UserName, Password, Context: "mine" }, {});
    const token = { "x-auth-token": made.headers.get("x-auth-token") ?? "" };
    const ask = () => client.send("GET", made.headers.get("location") ?? "", undefined, token);

    now += 1_799_000;
    assert.equal((await ask()).json.Context, "mine");
    now += 1_799_000;
    assert.equal((await ask()).status, 200);
    now += 1_801_000;
    assert.equal((await ask()).status, 401);
    assert.equal(bmc.openSessions, 0);
  });

  it("has no more sessions than its limit", async () => {
    const { bmc, client } = await begin({
      profile: { ...profileNamed("generic"), sessions: { limit: 2, timeoutSeconds: 60 } },
    });
    const { username: UserName, password: Password } = bmc;
    const logIn = () => client.send("POST", SESSIONS, { UserName, Password }, {});

    const statuses = [(await logIn()).status, (await logIn()).status, (await logIn()).status];

    assert.deepEqual(statuses, [201, 201, 503]);
  });

  it("counts refused log-ins, and keeps passwords out of its log", async () => {
    const { bmc, client } = await begin();

    await client.send("POST", SESSIONS, { UserName: "admin", Password: "wrong-one" }, {});
    const right = basicOf(bmc);
    bmc.setPassword("changed");
    const old = await client.send("GET", "/redfish/v1/Systems", undefined, right);

    assert.equal(old.status, 401);
    assert.equal(bmc.refusedLogIns, 2);
    assert.ok(!JSON.stringify(bmc.requests).includes("wrong-one"));
  });
});
