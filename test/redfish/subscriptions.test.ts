import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "../../src/redfish/subscriptions.ts";
import { asked, begin, endAll, fails } from "./fixture.ts";
import type { Fixed } from "./https-peer.ts";

const ROOT = { EventService: { "@odata.id": "/events" } };
const OURS = "trayload/us/dep_1";
const ORDER = { url: "http://trayload/e/x/events", context: OURS, isWanted: async () => undefined };
const SERVICE = { ServiceEnabled: true, Subscriptions: { "@odata.id": "/subs" } };
const json = (body: object): Exclude<Fixed, string> => ({ body: JSON.stringify(body) });
const list = (...paths: string[]): Fixed => json({ Members: paths.map((path) => ({ "@odata.id": path })) });

describe("a subscription to a BMC's events", () => {
  afterEach(endAll);

  it("names its types where the service lists them, but for those of measurements", async () => {
    const service = { ...SERVICE, EventTypesForSubscription: ["Alert", "MetricReport", "Other"] };
    const made = { status: 201, headers: { location: "http://bmc/subs/7" }, ...json({ Context: OURS }) };
    const { client, peer } = await begin([json(service), list(), made]);
    assert.deepEqual(await subscribe(client, ROOT, ORDER), { path: "/subs/7" });
    assert.deepEqual(asked(peer), ["GET /events", "GET /subs", "POST /subs"]);
    assert.deepEqual(JSON.parse(peer.bodies.at(-1)!).EventTypes, ["Alert", "Other"]);
  });

  it("is asked for with all that some want when the least is refused, and not a third time", async () => {
    const refused: Fixed = { status: 400 };
    const { client, peer } = await begin([json(SERVICE), list(), refused, refused]);
    const answer = await subscribe(client, ROOT, ORDER);
    assert.ok("why" in answer);
    const posts = peer.bodies.filter((body) => body !== "").map((body) => JSON.parse(body));
    assert.deepEqual(
      posts.map(({ SubscriptionType: type }) => type),
      [undefined, "RedfishEvent"],
    );
  });

  it("is not asked for again where there are too many, as bmcweb says it", async () => {
    const { client, peer } = await begin([json(SERVICE), list(), { status: 403 }]);
    assert.ok("why" in (await subscribe(client, ROOT, ORDER)));
    assert.equal(asked(peer).length, 3);
  });

  it("is taken over from a process that died with the answer on the way", async () => {
    const { client, peer } = await begin([json(SERVICE), list("/subs/1"), json({ Context: OURS })]);
    assert.deepEqual(await subscribe(client, ROOT, ORDER), { path: "/subs/1" });
    assert.ok(!asked(peer).some((one) => one.startsWith("POST")));
  });

  it("is one for all: where another of ours is wanted there is made no second", async () => {
    const other = { Context: "trayload/us/dep_2" };
    const { client, peer } = await begin([json(SERVICE), list("/subs/1"), json(other)]);
    const answer = await subscribe(client, ROOT, { ...ORDER, isWanted: async () => true });
    assert.deepEqual(answer, { path: null, why: "it tells another deployment of ours" });
    assert.ok(asked(peer).every((one) => one.startsWith("GET")));
  });

  it("may have been made when its answer is lost, which is a failure", async () => {
    const { client } = await begin([json(SERVICE), list(), { status: 500 }]);
    await fails(subscribe(client, ROOT, ORDER), "bmc-failed");
  });

  it("is not ended where its path is another's by now", async () => {
    const { client, peer } = await begin([json({ Context: "monitoring" })]);
    await unsubscribe(client, ROOT, { path: "/subs/1", context: OURS });
    assert.deepEqual(asked(peer), ["GET /subs/1"]);
  });

  it("is found by its Context where its path was never learnt", async () => {
    const found = json({ Context: OURS });
    const members = [json({ Context: "monitoring" }), found];
    const { client, peer } = await begin([
      ({ url, method }) => {
        if (method === "DELETE") return { status: 204 };
        if (url === "/events") return json(SERVICE);
        if (url === "/subs") return list("/subs/1", "/subs/2");
        return members[Number(url!.at(-1)) - 1]!;
      },
    ]);
    await unsubscribe(client, ROOT, { path: null, context: OURS });
    assert.deepEqual(
      asked(peer).filter((one) => one.startsWith("DELETE")),
      ["DELETE /subs/2"],
    );
  });
});
