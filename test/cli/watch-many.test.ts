import assert from "node:assert/strict";
import { manyLine } from "../../src/cli/watch-many.ts";
import { BEGINNING } from "../../src/cli/watch-state.ts";
import { DEPLOYMENT, failRecord, finish, NODE, startApi, stopAll } from "../api/fixture.ts";
import { run, type } from "./fixture.ts";

describe("a watch of several deployments", () => {
  afterEach(stopAll);

  async function startTwo() {
    const api = await startApi();
    const ids: string[] = [];
    for (const name of ["one", "two"]) {
      await api.call("POST", "/v1/nodes", { ...NODE, name });
      ids.push((await api.call("POST", "/v1/deployments", { ...DEPLOYMENT, node: name })).body.id as string);
    }
    return { ...api, ids: ids as [string, string] };
  }

  it("tells of each how it ended, by id or machine, and exits as the worst", async () => {
    const api = await startTwo();
    const watching = type(api, ["deployment", "watch", "one", api.ids[1], "one"]);
    failRecord(api.records, api.ids[0]);
    await watching.until("failed after");
    finish(api.records, api.ids[1]);
    assert.equal(await watching.ended, 1);
    assert.match(watching.out, /succeeded after [^:]+: two/);
  });

  it("gives scripts a line for each end, and one list where it was silent", async () => {
    const api = await startTwo();
    for (const id of api.ids) finish(api.records, id);
    const lines = await run(api, ["deployment", "watch", ...api.ids, "--json"]);
    assert.deepEqual([lines.status, lines.json.length], [0, 2]);
    const list = await run(api, ["deployment", "watch", ...api.ids, "--wait", "--json"]);
    assert.deepEqual(
      list.json.map(({ state }: { state: string }) => state),
      ["succeeded", "succeeded"],
    );
  });

  it("draws one line for all on a terminal, and stops when told", async () => {
    const api = await startTwo();
    const watching = type(api, ["deployment", "watch", ...api.ids], { isTerminal: true });
    await watching.until("0 of 2 over");
    watching.interrupt();
    assert.equal(await watching.ended, 130);
    assert.match(watching.err, /the deployments go on/);
    const late = await run(api, ["deployment", "watch", ...api.ids, "--watch-for", "30ms"]);
    assert.equal(late.status, 5);
  });

  it("says how far they are together, and where most of them are", () => {
    const boot = { ...BEGINNING, step: "boot" };
    const states = [{ ...BEGINNING, isOver: true }, boot, boot, BEGINNING];
    assert.equal(manyLine(states, 80), "[██████░░░░░░░░░░░░░░░░░░]  1 of 4 over  2 boot, 1 queued");
  });
});
