import assert from "node:assert/strict";
import type { StoredToken } from "../../src/api/index.ts";
import type { Database } from "../../src/database/index.ts";

const TOKEN: StoredToken = {
  id: "tok_1",
  name: "pipeline",
  role: "operator",
  scope: { team: "red" },
  hash: "a".repeat(64),
  createdAtMs: 1,
  createdBy: "admin",
  expiresAtMs: 9_000_000_000_000,
  lastUsedAtMs: null,
  revokedAtMs: null,
};

/** What every database must do for tokens. `open` gives an empty one. */
export function tokensContract(open: () => Promise<Database>): void {
  let database: Database;
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  it("are found by hash and by id, as they were kept", async () => {
    const { tokens } = database;
    assert.equal(await tokens.insert(TOKEN), true);
    assert.deepEqual(await tokens.find(TOKEN.hash), TOKEN);
    assert.deepEqual(await tokens.get("tok_1"), TOKEN);
    assert.equal(await tokens.find("b".repeat(64)), undefined);
    await tokens.used("tok_1", 77);
    assert.deepEqual(await tokens.get("tok_1"), { ...TOKEN, lastUsedAtMs: 77 });
  });

  it("of one name are one at a time, also when many come together", async () => {
    const { tokens } = database;
    const many = ["1", "2", "3", "4"].map((n) =>
      tokens.insert({ ...TOKEN, id: `tok_${n}`, hash: n.repeat(64) }),
    );
    assert.equal((await Promise.all(many)).filter(Boolean).length, 1);
    assert.equal((await tokens.list()).length, 1);
  });

  it("of people who come again are one, and keep their hash while they hold", async () => {
    const { tokens } = database;
    const ann = { ...TOKEN, id: "oidc_1", name: "oidc:ann", createdAtMs: 10, expiresAtMs: 20 };
    assert.deepEqual(await tokens.renew(ann), ann);
    const again = {
      ...ann,
      role: "viewer",
      scope: {},
      hash: "b".repeat(64),
      createdAtMs: 15,
      expiresAtMs: 25,
    };
    const renewed = await tokens.renew(again as StoredToken);
    assert.deepEqual([renewed.role, renewed.scope, renewed.expiresAtMs], ["viewer", {}, 25]);
    assert.equal(renewed.hash, TOKEN.hash);
    const late = await tokens.renew({ ...ann, hash: "c".repeat(64), createdAtMs: 25, expiresAtMs: 35 });
    assert.equal(late.hash, "c".repeat(64), "it had ended");
    await tokens.revoke("oidc_1", 26);
    const back = await tokens.renew({ ...ann, hash: "d".repeat(64), createdAtMs: 27, expiresAtMs: 37 });
    assert.deepEqual([back.hash, back.revokedAtMs], ["d".repeat(64), null]);
    assert.equal((await tokens.list()).length, 1);
  });

  it("of two people of one name are told apart", async () => {
    const { tokens } = database;
    const ann = { ...TOKEN, id: "oidc_00000001", name: "oidc:ann" };
    const other = { ...ann, id: "oidc_00000002", hash: "b".repeat(64) };
    for (let n = 0; n < 2; n += 1) {
      assert.equal((await tokens.renew(ann)).name, "oidc:ann");
      assert.equal((await tokens.renew(other)).name, "oidc:ann#00000002");
    }
  });

  it("are revoked once, by id or name, and leave the name to another", async () => {
    const { tokens } = database;
    await tokens.insert(TOKEN);
    const [one, other] = await Promise.all([tokens.revoke("pipeline", 5), tokens.revoke("tok_1", 6)]);
    assert.equal([one, other].filter((token) => token !== undefined).length, 1);
    assert.equal(await tokens.revoke("pipeline", 7), undefined);
    assert.ok((await tokens.get("tok_1"))!.revokedAtMs! < 7, "it stays, as what it was");
    assert.deepEqual(await tokens.list(), []);
    assert.equal(await tokens.insert({ ...TOKEN, id: "tok_2", hash: "c".repeat(64) }), true);
    assert.deepEqual(
      (await tokens.list()).map(({ id }) => id),
      ["tok_2"],
    );
  });
}
