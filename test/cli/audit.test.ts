import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditEntry, type AuditFacts, chain } from "../../src/api/index.ts";
import { NODE, type Running, startApi, stopAll } from "../api/fixture.ts";
import { run } from "./fixture.ts";

describe("trayload audit", () => {
  const folder = mkdtempSync(join(tmpdir(), "trayload-"));
  after(() => rmSync(folder, { recursive: true }));
  afterEach(stopAll);

  async function startUsed(): Promise<Running> {
    const api = await startApi();
    await api.call("POST", "/v1/nodes", NODE);
    await api.call("POST", "/v1/nodes", NODE);
    await api.call("DELETE", `/v1/nodes/${NODE.name}`);
    return api;
  }
  const headOf = (out: string) => /head (\S+)/.exec(out)![1]!;

  const factsOf = ({ seq: _seq, previous: _previous, hash: _hash, ...facts }: AuditEntry): AuditFacts =>
    facts;

  it("shows who did what, narrowed and cut", async () => {
    const api = await startUsed();
    const all = await run(api, ["audit", "list"]);
    assert.match(all.out, /^3 +\S+ +admin \(admin\) +127\.0\.0\.1 +DELETE \/v1\/nodes\/rack1-u07 +done$/m);
    assert.match(all.out, /^2 .* POST \/v1\/nodes +node-name-in-use$/m);
    const refused = await run(api, ["audit", "list", "--outcome", "refused", "--json"]);
    assert.deepEqual(
      refused.json.items.map(({ seq }: { seq: number }) => seq),
      [2],
    );
    const one = await run(api, ["audit", "list", "--limit", "1", "--target", "/v1/nodes"]);
    assert.match(one.out, /^3 [^]*There are older ones/m);
    assert.doesNotMatch(one.out, /^2 /m);
    assert.match((await run(api, ["audit", "list", "--who", "nobody"])).out, /No entry fits/);
    const nowMs = () => Date.now() + 3_600_000;
    assert.match((await run(api, ["audit", "list", "--since", "10m"], { nowMs })).out, /No entry fits/);
  });

  it("reckons the chain anew, and from a head that was kept", async () => {
    const api = await startUsed();
    const first = await run(api, ["audit", "verify"]);
    assert.deepEqual([first.status, /^3 entries hold together$/m.test(first.out)], [0, true], first.err);
    const again = await run(api, ["audit", "verify", "--head", headOf(first.out)]);
    assert.match(again.out, /^4 entries/, "the first reading is one of them");
    assert.equal((await run(api, ["audit", "verify", "--head", "4"])).status, 2);
  });

  it("exports what can be verified without the server", async () => {
    const api = await startUsed();
    const exported = await run(api, ["audit", "export"]);
    const file = join(folder, "audit.jsonl");
    writeFileSync(file, exported.out);
    assert.match((await run(undefined, ["audit", "verify", file])).out, /^3 entries/);
    writeFileSync(file, `${exported.out}{`);
    assert.equal((await run(undefined, ["audit", "verify", file])).status, 2);
  });

  it("finds an entry that was changed, taken out, put in, or all of them written anew", async () => {
    const api = await startUsed();
    const kept = headOf((await run(api, ["audit", "verify"])).out);
    const { entries } = api.audit;
    const whole = structuredClone(entries);
    const faultOf = async (change: () => void, words: string[] = []) => {
      change();
      const said = await run(api, ["audit", "verify", ...words]);
      entries.splice(0, entries.length, ...structuredClone(whole));
      assert.equal(said.status, 1, said.out);
      return said.err;
    };
    assert.match(
      await faultOf(() => void (entries[1]!.from = "10.0.0.1")),
      /entry 2 was changed after it was written \(audit-broken\)/,
    );
    assert.match(await faultOf(() => void entries.splice(1, 1)), /entry 2 is missing; 3 follows 1/);
    assert.match(
      await faultOf(() => void (entries[1] = chain({ ...factsOf(whole[1]!), from: "10.0.0.1" }, whole[0]))),
      /entry 3 does not follow the one before it/,
    );
    const writeAnew = () => {
      const facts = whole.map(factsOf);
      entries.length = 0;
      for (const fact of facts) entries.push(chain({ ...fact, from: "10.0.0.1" }, entries.at(-1)));
    };
    assert.match(await faultOf(writeAnew, ["--head", kept]), /entry 3 is not the one whose hash was kept/);
    assert.match(
      await faultOf(() => entries.splice(2), ["--head", kept]),
      /entry 3, whose hash was kept, is not there; the last is 2/,
    );
  });
});
