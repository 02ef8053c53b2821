import assert from "node:assert/strict";
import { asModelMachine, type ProfileChanges, variantOf } from "../bmc-simulator/index.ts";
import { type Product, type ProductOptions, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const SUBSCRIPTIONS = "/redfish/v1/EventService/Subscriptions";
/** So long that nothing is looked at twice unless something wakes the record. */
const NEVER = { lookMs: 600_000, longestLookMs: 600_000, eventsAfterMs: 0 };

describe("a long wait for what only the BMC knows", () => {
  let product: Product;
  afterEach(() => product.stop());

  async function begin(
    timing: NonNullable<ProductOptions["timing"]>,
    events: ProfileChanges["events"] = {},
  ): Promise<void> {
    product = await startProduct({ profile: variantOf("generic", { events }), timing });
    await product.addNode();
  }
  const switchOff = () => asModelMachine(product.bmc.machine).powerOffItself();
  const contexts = () => product.bmc.subscriptions.map(({ context }) => context);
  const asked = (what: RegExp) =>
    product.bmc.requests.filter(({ method, path }) => what.test(`${method} ${path}`)).length;

  async function submit(): Promise<string> {
    const { body } = await product.submit({ finish: "powered-off" });
    return body.id as string;
  }
  async function waits(id: string): Promise<void> {
    await until(async () => {
      const { body } = await product.call("GET", `/v1/deployments/${id}`);
      return body.waitingOn?.what === "the machine to switch itself off";
    });
  }

  /** Subscribes as somebody else does. */
  async function subscribe(context: string): Promise<number> {
    const { address, username, password } = product.bmc;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    const headers = { authorization, "content-type": "application/json" };
    const body = { Destination: "http://127.0.0.1:9/", Protocol: "Redfish", Context: context };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return (await fetch(address + SUBSCRIPTIONS, init)).status;
  }

  it("has the BMC tell, looks when it does, and leaves no subscription behind", async () => {
    await begin(NEVER);
    const id = await submit();
    await until(async () => contexts().length === 1);
    await waits(id);
    switchOff();
    const ended = await product.end(id);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.ok(ended.evidence.some(({ what }: { what: string }) => what === "powered-off"));
    assert.deepEqual(contexts(), []);
    assert.equal(asked(/^POST .*Subscriptions/), 1);
  });

  it("asks nothing of the event service while it is short", async () => {
    await begin({ lookMs: 50 });
    asModelMachine(product.bmc.machine).behave({ script: ["power-off"] });
    const ended = await product.end(await submit());
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(asked(/EventService/), 0);
  });

  for (const [what, events] of [
    ["promises and never tells", { sends: false }],
    ["has no event service", null],
    ["has one that is switched off", { isOn: false }],
  ] as const)
    it(`ends as well on a BMC that ${what}`, async () => {
      await begin({ lookMs: 50, eventsAfterMs: 0 }, events as ProfileChanges["events"]);
      const id = await submit();
      await waits(id);
      switchOff();
      const ended = await product.end(id);
      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
      assert.deepEqual([ended.clean, contexts()], [true, []]);
    });

  it("ends at once a subscription that does not keep what we know it by", async () => {
    await begin({ lookMs: 50, eventsAfterMs: 0 }, { keepsContext: false });
    const id = await submit();
    await waits(id);
    await until(async () => asked(/^DELETE .*Subscriptions/) === 1);
    assert.deepEqual(contexts(), []);
    switchOff();
    assert.equal((await product.end(id)).state, "succeeded");
  });

  it("does without where others have taken all places, and leaves theirs alone", async () => {
    await begin({ lookMs: 50, eventsAfterMs: 0 }, { limit: 2 });
    for (const one of ["monitoring", "trayload/another-one/dep_1"]) assert.equal(await subscribe(one), 201);
    const id = await submit();
    await waits(id);
    switchOff();
    assert.equal((await product.end(id)).state, "succeeded");
    assert.deepEqual(contexts(), ["monitoring", "trayload/another-one/dep_1"]);
  });

  it("ends what was left of an earlier deployment of ours", async () => {
    await begin(NEVER, { limit: 2 });
    const first = await submit();
    await until(async () => contexts().length === 1);
    const [context] = contexts();
    await waits(first);
    switchOff();
    await product.end(first);
    // As if its end had never reached the BMC.
    for (const one of ["monitoring", context!]) assert.equal(await subscribe(one), 201);
    const second = await submit();
    await until(async () => contexts().some((one) => one?.endsWith(second) === true));
    await waits(second);
    assert.ok(contexts().includes("monitoring"));
    assert.ok(!contexts().includes(context!), "the stale one is gone");
    switchOff();
    assert.equal((await product.end(second)).state, "succeeded");
    assert.deepEqual(contexts(), ["monitoring"]);
  });

  it("owes the end of a subscription to a BMC that is away, and pays it", async () => {
    await begin({ lookMs: 50, eventsAfterMs: 0, owedMs: 200 });
    const id = await submit();
    await until(async () => contexts().length === 1);
    await waits(id);
    const { password } = product.bmc;
    product.bmc.setPassword("changed by somebody");
    product.bmc.expireSessions();
    const ended = await product.end(id);
    assert.deepEqual([ended.state, ended.clean, contexts().length], ["failed", false, 1]);
    product.bmc.setPassword(password);
    await product.restart();
    await until(async () => contexts().length === 0);
  });

  it("is not hurried by a BMC that tells all the time, nor by what it tells", async () => {
    await begin(NEVER);
    const id = await submit();
    await until(async () => contexts().length === 1);
    await waits(id);
    const { destination } = product.bmc.subscriptions[0]!;
    product.bmc.forgetLogs();
    const sinceMs = performance.now();
    const post = async (body: string) => (await fetch(destination, { method: "POST", body })).status;
    assert.equal(await post("{ no JSON at all"), 204);
    const statuses = await Promise.all(Array.from({ length: 200 }, () => post('{"PowerState":"Off"}')));
    assert.deepEqual([...new Set(statuses)], [204]);
    assert.equal(await post("x".repeat(100_000)), 413);
    await until(async () => asked(/^GET .*Systems\/1$/) > 0);
    // At once, and every five seconds from then on.
    const most = 2 + (performance.now() - sinceMs) / 5_000;
    assert.ok(asked(/^GET .*Systems\/1$/) <= most, String(asked(/^GET .*Systems\/1$/)));
    const seen = (await product.call("GET", `/v1/deployments/${id}`)).body;
    assert.equal(seen.final, false, "an event is no proof");
    const elsewhere = destination.replace(/\/e\/\w+/, `/e/${"x".repeat(22)}`);
    assert.equal((await fetch(elsewhere, { method: "POST" })).status, 404);
    assert.equal((await fetch(destination)).status, 405);
    await product.call("POST", `/v1/deployments/${id}/cancel`);
    await product.end(id);
    assert.deepEqual(contexts(), []);
  });
});
