import assert from "node:assert/strict";
import { type Answer, type Asking, CALLBACK_SECRET, openSite, type Site } from "./fixture.ts";

const PATH = `/c/${CALLBACK_SECRET}`;
const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };

describe("a call-back", () => {
  let site: Site;
  let id: string;
  beforeEach(async () => {
    site = await openSite();
    ({ id } = await site.deploy({ callbackSecret: CALLBACK_SECRET }));
  });
  afterEach(() => site.close());

  const post = async (body?: unknown, asking: Asking = {}): Promise<Answer> => {
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const headers = typeof body === "object" ? JSON_TYPE : {};
    const given = text === undefined ? {} : { body: text };
    const answer = await site.ask(PATH, { method: "POST", headers, ...given, ...asking });
    await site.look();
    return answer;
  };
  const callbacks = async () =>
    (await site.events(id)).flatMap((event) => (event.type === "called-back" ? [event.status] : []));

  it("without a body is a success, and finishes the deployment", async () => {
    const answer = await post();
    assert.deepEqual([answer.status, answer.body.length], [204, 0]);
    assert.equal((await site.get(id)).state, "succeeded");
  });

  it("tells progress as JSON, and failure as a form", async () => {
    assert.equal((await post({ status: "started" })).status, 204);
    assert.equal(
      (await post({ status: "progress", percent: 42.5, message: "packages", host: "n1" })).status,
      204,
    );
    const { callback, state } = await site.get(id);
    assert.deepEqual([callback?.percent, callback?.message, state], [42.5, "packages", "running"]);
    await post("status=failed&percent=60&message=no+disk+was+found", { headers: FORM_TYPE });
    const { error } = await site.get(id);
    assert.deepEqual(
      [error?.code, error?.message],
      ["installer-failed", "the installer reported failure: no disk was found"],
    );
    assert.deepEqual(await callbacks(), ["started", "progress", "failed"]);
  });

  it("is JSON by its braces, whatever curl says of it", async () => {
    await post('{"status":"failed"}', { headers: FORM_TYPE });
    assert.deepEqual(await callbacks(), ["failed"]);
  });

  it("is kept before it is answered, and wakes once", async () => {
    await site.ask(PATH, { method: "POST", body: "status=progress" });
    assert.deepEqual(
      site.hints.map((hint) => hint.id),
      [id],
    );
    await site.ask(PATH, { method: "POST", body: "status=progress" });
    assert.equal(site.hints.length, 1, "the record has its hint");
  });

  it("is kept although nobody can be told of it", async () => {
    const add = () => Promise.reject(new Error("Redis is away"));
    const other = await site.open({ hints: { add } });
    const answer = await site.ask(PATH, { method: "POST", of: other });
    assert.equal(answer.status, 204);
    assert.match(site.logged.join("\n"), /Redis is away/);
    await site.pass(60_000);
    assert.equal((await site.get(id)).state, "succeeded");
  });

  it("is not answered well when it could not be kept", async () => {
    const wake = () => Promise.reject(new Error("the database is away"));
    const other = await site.open({ store: { ...site.parts.store, wake } });
    const answer = await site.ask(PATH, { method: "POST", of: other });
    assert.equal(answer.status, 503);
    assert.equal(answer.headers["retry-after"], "5");
  });

  const REFUSED: [
    what: string,
    body: string,
    headers: Record<string, string>,
    status: number,
    code: string,
  ][] = [
    ["broken JSON", '{"status":', JSON_TYPE, 400, "callback-invalid"],
    ["JSON that is no object", '"succeeded"', JSON_TYPE, 400, "callback-invalid"],
    ["an unknown status", '{"status":"fine"}', JSON_TYPE, 400, "callback-invalid"],
    ["a form without a status", "message=hello", FORM_TYPE, 400, "callback-invalid"],
    ["a percentage beyond 100", "status=progress&percent=101", FORM_TYPE, 400, "callback-invalid"],
    ["a percentage that is no number", "status=progress&percent=half", FORM_TYPE, 400, "callback-invalid"],
    ["a message that is no text", '{"status":"failed","message":{}}', JSON_TYPE, 400, "callback-invalid"],
    ["another type", "<status/>", { "content-type": "text/xml" }, 415, "callback-type-unsupported"],
    ["more than 16 KiB", `status=failed&message=${"x".repeat(16_384)}`, FORM_TYPE, 413, "body-too-large"],
  ];
  for (const [what, body, headers, status, code] of REFUSED)
    it(`with ${what} is refused and changes nothing`, async () => {
      const answer = await post(body, { headers });
      assert.equal(answer.status, status);
      const problem = JSON.parse(answer.body.toString()) as { code: string; detail: string };
      assert.equal(problem.code, code);
      assert.deepEqual(await callbacks(), []);
    });

  it("of just 16 KiB is taken, with its message made short and plain", async () => {
    const body = `status=progress&message=%1b%5b31m${"x".repeat(16_384)}`.slice(0, 16_384);
    assert.equal((await post(body, { headers: FORM_TYPE })).status, 204);
    const { callback } = await site.get(id);
    assert.equal(callback?.message?.length, 1_000);
    assert.match(callback!.message!, /^\[31mx+…$/);
  });

  it("is posted, not read", async () => {
    const answer = await site.ask(PATH);
    assert.deepEqual([answer.status, answer.headers.allow], [405, "POST"]);
  });

  it("decides with its first verdict", async () => {
    await site.ask(PATH, { method: "POST", body: "status=failed" });
    await site.look();
    const { version } = await site.get(id);
    assert.equal((await post()).status, 204);
    const view = await site.get(id);
    assert.equal(view.state, "failed");
    assert.equal(view.callback?.status, "failed");
    assert.deepEqual(await callbacks(), ["failed"]);
    assert.equal(view.version, version + 1, "only the late success is told");
  });

  it("says nothing more once its verdict is known, although the deployment still waits for other proof", async () => {
    await site.pass(5 * 3_600_000);
    ({ id } = await site.deploy({ callbackSecret: CALLBACK_SECRET.toUpperCase(), finish: "disc-read" }));
    const path = `/c/${CALLBACK_SECRET.toUpperCase()}`;
    await site.ask(path, { method: "POST" });
    await site.look();
    const { state, version } = await site.get(id);
    assert.equal(state, "running");
    for (const body of ["status=progress", "status=failed", ""]) {
      assert.equal((await site.ask(path, { method: "POST", body })).status, 204);
      await site.look();
    }
    assert.equal((await site.get(id)).version, version);
  });

  it("decides with its first verdict although both came before anybody looked", async () => {
    await site.ask(PATH, { method: "POST", body: "status=succeeded" });
    await site.ask(PATH, { method: "POST", body: "status=failed" });
    await site.look();
    assert.equal((await site.get(id)).state, "succeeded");
  });

  it("that comes too late to count is told, once, for a day", async () => {
    const rung: string[] = [];
    const other = await site.open({ bell: { ring: (recordId) => void rung.push(recordId) } });
    await site.pass(5 * 3_600_000);
    const before = await site.get(id);
    assert.equal(before.state, "failed");
    await post("status=progress", { of: other });
    assert.equal((await site.get(id)).version, before.version);
    await post(undefined, { of: other });
    await post(undefined, { of: other });
    const after = await site.get(id);
    assert.deepEqual([after.state, after.version], ["failed", before.version + 1]);
    assert.ok(after.lateSuccessAt);
    assert.deepEqual(rung, [id]);
    site.skip(86_400_001);
    assert.equal((await post()).status, 404);
  });

  it("that comes just as the deployment ends is told as late", async () => {
    const running = await site.get(id);
    await site.pass(5 * 3_600_000);
    const looks = [running];
    const get = async (record: string) => looks.shift() ?? site.parts.store.get(record);
    const other = await site.open({ store: { ...site.parts.store, get } });
    assert.equal((await post(undefined, { of: other })).status, 204);
    assert.ok((await site.get(id)).lateSuccessAt);
  });

  it("that tells a failure after the end is told too", async () => {
    await site.pass(5 * 3_600_000);
    await post("status=failed&message=gave+up");
    assert.equal((await site.get(id)).callback?.message, "gave up");
  });

  it("may come often, but not without end, and never at the cost of the verdict", async () => {
    const statuses = [];
    for (let count = 0; count < 25; count += 1) statuses.push((await post("status=progress")).status);
    assert.equal(statuses.filter((status) => status === 204).length, 20);
    assert.equal(statuses.at(-1), 429);
    assert.equal((await post()).status, 204);
    assert.equal((await site.get(id)).state, "succeeded");
  });
});
