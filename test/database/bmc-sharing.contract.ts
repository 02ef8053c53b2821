import assert from "node:assert/strict";
import type { Database } from "../../src/database/index.ts";
import { createSecretBox } from "../../src/nodes/index.ts";
import { openSession, type Sender, type StoredSession } from "../../src/redfish/index.ts";

const KEY = "https://10.0.7.21 root";
const box = createSecretBox([{ id: "k1", bytes: Buffer.alloc(32, 1) }]);
const session: StoredSession = {
  token: "canary-token",
  resource: "/redfish/v1/Sessions/1",
  generation: 1_800_000_000_000,
  madeWith: "salt:digest",
};

/** A BMC that counts log-ins and takes any of its own tokens. */
function createBmc(): Sender & { logIns: number } {
  const root = { Links: { Sessions: { "@odata.id": "/redfish/v1/Sessions" } } };
  return {
    logIns: 0,
    async send(method, path, exchange) {
      const answer = { status: 200, headers: {}, body: {} };
      if (path === "/redfish/v1/") return { ...answer, body: root };
      if (method === "POST") {
        this.logIns += 1;
        return {
          ...answer,
          headers: { "x-auth-token": `t${this.logIns}`, location: "/redfish/v1/Sessions/1" },
        };
      }
      assert.match(String(exchange?.headers?.["x-auth-token"]), /^t\d$/);
      return answer;
    },
  };
}

/** What processes share about BMCs. `open` gives an empty database twice, as two processes have it where it can be had twice. */
export function bmcSharingContract(open: () => Promise<[Database, Database]>): void {
  let here: Database;
  let there: Database;
  beforeEach(async () => {
    [here, there] = await open();
  });
  afterEach(() => Promise.all([here.close(), there.close()]));

  it("lets two processes use one session of a BMC", async () => {
    const bmc = createBmc();
    const sessions = [here, there].map((database) =>
      openSession(
        bmc,
        { username: "root", password: "calvin" },
        {
          key: KEY,
          sessions: database.sessions(box),
          lease: database.lease,
        },
      ),
    );
    await Promise.all(sessions.map((one) => one.send("GET", "/redfish/v1/Systems")));
    assert.equal(bmc.logIns, 1);
    await sessions[1]!.logOut();
    assert.equal(await here.sessions(box).get(KEY), undefined);
  });

  it("replaces a session and deletes it only as the one that is kept", async () => {
    const sessions = here.sessions(box);
    assert.equal(await sessions.get(KEY), undefined);
    await sessions.put(KEY, session);
    assert.deepEqual(await there.sessions(box).get(KEY), session);
    const next = { ...session, token: "second", resource: null, generation: session.generation + 1 };
    await sessions.put(KEY, next);
    await sessions.delete(KEY, session.generation);
    assert.deepEqual(await sessions.get(KEY), next);
    await sessions.delete(KEY, next.generation);
    assert.equal(await sessions.get(KEY), undefined);
  });

  it("takes a session that was sealed under a lost key for none", async () => {
    const other = createSecretBox([{ id: "k1", bytes: Buffer.alloc(32, 2) }]);
    await here.sessions(other).put(KEY, session);
    assert.equal(await here.sessions(box).get(KEY), undefined);
    await here.sessions(box).put(KEY, session);
    assert.deepEqual(await here.sessions(box).get(KEY), session);
  });

  it("tells all of an outage until it is over", async () => {
    const origin = "https://10.0.7.21";
    const outage = { failures: 5, sinceMs: 1_800_000_000_000, nextTryMs: 1_800_000_005_000 };
    assert.equal(await there.breaker.get(origin), undefined);
    await here.breaker.put(origin, outage);
    await here.breaker.put(origin, { ...outage, failures: 6 });
    assert.deepEqual(await there.breaker.get(origin), { ...outage, failures: 6 });
    await there.breaker.delete(origin);
    assert.equal(await here.breaker.get(origin), undefined);
  });
}
