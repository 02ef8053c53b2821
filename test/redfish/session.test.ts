import assert from "node:assert/strict";
import { openSession } from "../../src/redfish/session.ts";
import { asked, begin, endAll, fails } from "./fixture.ts";
import type { Reply } from "./https-peer.ts";

const CREDENTIALS = { username: "root", password: "calvin" };
const ROOT = {
  body: JSON.stringify({ Links: { Sessions: { "@odata.id": "/redfish/v1/Sessions" } } }),
};
const ROOT_WITHOUT_SESSIONS: Reply = { body: "{}" };
const granted = (token: string) => ({
  status: 201,
  headers: { "x-auth-token": token, location: `/redfish/v1/Sessions/${token}` },
});

describe("redfish session", () => {
  afterEach(endAll);

  it("logs in once for many callers and deletes the session at the end", async () => {
    const { peer, client } = await begin([ROOT, granted("t1"), { body: "{}" }]);
    const session = openSession(client, CREDENTIALS);
    await Promise.all([1, 2, 3].map(() => session.send("GET", "/redfish/v1/Systems")));
    assert.equal(session.scheme, "session");
    assert.equal(asked(peer).filter((line) => line === "POST /redfish/v1/Sessions").length, 1);
    await session.logOut();
    assert.equal(asked(peer).at(-1), "DELETE /redfish/v1/Sessions/t1");
    assert.equal(peer.requests.at(-1)?.headers["x-auth-token"], "t1");
  });

  it("logs in again when the token has run out, and repeats the request once", async () => {
    const expired: Reply = { status: 401 };
    const { peer, client } = await begin([ROOT, granted("t1"), expired, ROOT, granted("t2"), { body: "{}" }]);
    await openSession(client, CREDENTIALS).send("PATCH", "/redfish/v1/Systems/1", { json: {} });
    assert.equal(peer.requests.at(-1)?.headers["x-auth-token"], "t2");
    assert.equal(asked(peer).filter((line) => line.startsWith("PATCH")).length, 2);
  });

  it("logs in once more when the new token has run out at once, as where sessions are lost twice", async () => {
    const expired: Reply = { status: 401 };
    const twice = [granted("t1"), expired, ROOT, granted("t2"), expired, ROOT, granted("t3")];
    const { peer, client } = await begin([ROOT, ...twice, { body: "{}" }]);
    await openSession(client, CREDENTIALS).send("GET", "/redfish/v1/Systems/1");
    assert.equal(peer.requests.at(-1)?.headers["x-auth-token"], "t3");
  });

  it("logs in once when several callers find the token run out together", async () => {
    let logIns = 0;
    const { client } = await begin([
      (request) => {
        if (request.url === "/redfish/v1/") return ROOT;
        if (request.method === "POST") return granted(`t${(logIns += 1)}`);
        return { status: request.headers["x-auth-token"] === "t1" ? 401 : 200 };
      },
    ]);
    const session = openSession(client, CREDENTIALS);
    await Promise.all([1, 2, 3, 4].map((id) => session.send("GET", `/redfish/v1/Systems/${id}`)));
    assert.equal(logIns, 2);
  });

  it("makes one attempt with a wrong password, however often it is used", async () => {
    const { peer, client } = await begin([ROOT, { status: 401 }]);
    const session = openSession(client, CREDENTIALS);
    for (let use = 0; use < 3; use += 1) {
      const error = await fails(session.send("GET", "/redfish/v1/Systems"), "bmc-access-denied");
      assert.match(error.hint!, /bmc\.password/);
      assert.doesNotMatch(JSON.stringify(error) + error.stack, /calvin/);
    }
    assert.equal(asked(peer).filter((line) => line.startsWith("POST")).length, 1);
  });

  it("makes one attempt with a wrong password over Basic, too", async () => {
    const { peer, client } = await begin([ROOT_WITHOUT_SESSIONS, { status: 401 }]);
    const session = openSession(client, CREDENTIALS);
    for (let use = 0; use < 3; use += 1)
      await fails(session.send("GET", "/redfish/v1/Systems"), "bmc-access-denied");
    assert.equal(asked(peer).filter((line) => line === "GET /redfish/v1/Systems").length, 1);
  });

  for (const [why, replies] of [
    ["has no sessions, as sushy-tools", [ROOT_WITHOUT_SESSIONS]],
    ["answers 404 to the log-in", [ROOT, { status: 404 }]],
    ["has no session left", [ROOT, { status: 503 }]],
    ["grants one without a token", [ROOT, { status: 201 }]],
  ] as [string, Reply[]][])
    it(`falls back to Basic where the BMC ${why}`, async () => {
      const { peer, client } = await begin([...replies, { body: "{}" }]);
      const session = openSession(client, CREDENTIALS);
      await session.send("GET", "/redfish/v1/Systems");
      assert.equal(session.scheme, "basic");
      assert.equal(peer.requests.at(-1)?.headers.authorization, "Basic cm9vdDpjYWx2aW4=");
    });

  it("tries again after a log-in that failed for another reason than the password", async () => {
    const html: Reply = { body: "<html>starting</html>" };
    const { client } = await begin([html, ROOT, granted("t1"), { body: "{}" }]);
    const session = openSession(client, CREDENTIALS);
    await fails(session.send("GET", "/redfish/v1/Systems"), "bmc-answer-unreadable");
    assert.equal((await session.send("GET", "/redfish/v1/Systems")).status, 200);
  });
});
