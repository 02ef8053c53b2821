import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { Database } from "../../src/database/index.ts";
import {
  createDispatcher,
  createSender,
  createWebhooks,
  type DeliveryState,
  type Dispatcher,
  WebhookError,
  type Webhooks,
} from "../../src/webhooks/index.ts";
import { newCampaign } from "../campaigns/fixture.ts";
import { begun, forward, GO_ON } from "../database/fixture.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { until } from "../until.ts";

const seals = {
  seal: (plain: string, boundTo: string) => Buffer.from(`${boundTo} ${plain}`).toString("base64"),
  open: (sealed: string, boundTo: string) => {
    const text = Buffer.from(sealed, "base64").toString();
    assert.ok(text.startsWith(`${boundTo} `), "a secret opens for its own webhook");
    return text.slice(boundTo.length + 1);
  },
};

/** What webhooks do, on any database. `open` gives an empty one. */
export function webhooksContract(open: () => Promise<Database>): void {
  let database: Database;
  let receiver: Receiver;
  let webhooks: Webhooks;
  let warnings: object[];
  const dispatchers: Dispatcher[] = [];

  beforeEach(async () => {
    database = await open();
    receiver = await startReceiver();
    warnings = [];
    const sender = createSender(["127.0.0.0/8"]);
    webhooks = createWebhooks({
      store: database.webhooks,
      records: database.records,
      campaigns: database.campaigns,
      sender,
      seals,
      clock: Date.now,
    });
  });
  afterEach(async () => {
    await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.stop()));
    await receiver.close();
    await database.close();
  });

  function dispatch(backOffMs: number[] = [1, 1], allow = ["127.0.0.0/8"]): void {
    const { webhooks: store, records, campaigns } = database;
    const bell = { listen: () => () => undefined };
    const sender = createSender(allow);
    const log = { warn: (facts: object) => void warnings.push(facts) };
    const present = (recordId: string, event: object) => ({ recordId, ...event });
    const times = { clock: Date.now, backOffMs, lookMs: 5 };
    dispatchers.push(
      createDispatcher({ store, records, campaigns, bell, sender, seals, present, log, ...times }),
    );
  }
  const add = (events: string[], more: { secret?: string; url?: string } = {}) =>
    webhooks.add({ url: receiver.url, events, ...more }, "admin");
  const statesOf = async (webhookId: string) =>
    (await webhooks.deliveries({ webhookId, limit: 100 })).map(({ state }) => state);
  const untilState = async (webhookId: string, state: DeliveryState) => {
    await until(async () => (await statesOf(webhookId)).includes(state));
  };
  const typesOf = () => receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
  /** One deployment from its acceptance to its end, with a warning on the way. */
  async function play(): Promise<string> {
    const claim = await begun(database);
    await database.records.commit(claim, forward(claim.view, GO_ON));
    return claim.id;
  }

  it("carries what was asked for and happens from now on, as CloudEvents", async () => {
    const before = await play();
    const { webhook } = await add(["deployment.accepted", "operation.*"]);
    const id = await play();
    dispatch();
    await receiver.until(1);
    await untilState(webhook.id, "delivered");
    assert.deepEqual(typesOf(), ["deployment.accepted"]);
    const { headers, body } = receiver.received[0]!;
    assert.match(headers["content-type"] as string, /^application\/cloudevents\+json/);
    const event = JSON.parse(body) as {
      data: { event: { type: string; seq: number }; node: { name: string } };
    };
    assert.notEqual(before, id);
    assert.partialDeepStrictEqual(event, {
      specversion: "1.0",
      id: `${id}/1`,
      source: `/v1/deployments/${id}`,
      subject: event.data.node.name,
    });
    assert.partialDeepStrictEqual(event.data.event, { recordId: id, type: "accepted", seq: 1 });
  });

  it("tells of campaigns as a whole to who wants that, in their order, once", async () => {
    await add(["campaign.paused", "deployment.*"]);
    const { webhook } = await add(["campaign.*"]);
    await database.campaigns.insert(newCampaign({ r1: 1 }));
    await database.campaigns.change("camp_1", ({ campaign }) => ({
      campaign,
      events: [{ type: "paused", by: "ops", reason: "asked" }],
    }));
    dispatch();
    dispatch();
    await receiver.until(3);
    await untilState(webhook.id, "delivered");
    assert.deepEqual(typesOf().toSorted(), ["campaign.created", "campaign.paused", "campaign.paused"]);
    const bodies = receiver.received.map(({ body }) => JSON.parse(body) as { type: string });
    assert.partialDeepStrictEqual(
      bodies.find(({ type }) => type === "campaign.created"),
      {
        id: "camp_1/1",
        source: "/v1/campaigns/camp_1",
        subject: "noble",
        data: { campaign: { id: "camp_1", name: "noble" }, event: { campaignId: "camp_1", nodes: 1 } },
      },
    );
    assert.equal((await webhooks.deliveries({ webhookId: webhook.id, limit: 9 })).length, 2);
  });

  it("signs what it sends, so that the receiver knows who it is from and when", async () => {
    const begunS = Math.floor(Date.now() / 1000);
    const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
    const { webhook } = await add(["*"], { secret });
    assert.doesNotMatch(JSON.stringify(await database.webhooks.list()), new RegExp(secret));
    await webhooks.test(webhook.id);
    dispatch();
    await receiver.until(1);
    const { headers, body } = receiver.received[0]!;
    const id = headers["webhook-id"] as string;
    const at = headers["webhook-timestamp"] as string;
    assert.ok(Number(at) >= begunS && Number(at) <= Date.now() / 1000, at);
    const expected = createHmac("sha256", Buffer.alloc(24, 7)).update(`${id}.${at}.${body}`).digest("base64");
    assert.equal(headers["webhook-signature"], `v1,${expected}`);
    assert.deepEqual(typesOf(), ["webhook.test"]);
  });

  it("tries again until it is taken, as the same message", async () => {
    const { webhook } = await add(["deployment.accepted"]);
    receiver.answers.push({ status: 500 }, { status: 302, headers: { location: "/elsewhere" } });
    await play();
    dispatch();
    await receiver.until(3);
    await untilState(webhook.id, "delivered");
    const [one, two, three] = receiver.received;
    assert.deepEqual(
      receiver.received.map(({ path }) => path),
      ["/hook", "/hook", "/hook"],
      "no redirect is followed",
    );
    assert.equal(new Set([one, two, three].map((got) => got!.headers["webhook-id"])).size, 1);
    assert.equal(new Set([one, two, three].map((got) => got!.body)).size, 1);
    const [delivery] = await webhooks.deliveries({ webhookId: webhook.id, limit: 1 });
    assert.partialDeepStrictEqual(delivery!, {
      state: "delivered",
      attempts: 3,
      lastStatus: 204,
      lastError: null,
    });
  });

  it("waits as long as the receiver asks", async () => {
    const { webhook } = await add(["deployment.accepted"]);
    receiver.answers.push({ status: 429, headers: { "retry-after": "3600" } });
    await play();
    dispatch();
    await receiver.until(1);
    const dueAt = async () => (await webhooks.deliveries({ webhookId: webhook.id, limit: 1 }))[0]!.lastStatus;
    await until(async () => (await dueAt()) !== null);
    const [delivery] = await webhooks.deliveries({ webhookId: webhook.id, limit: 1 });
    assert.equal(delivery!.state, "pending");
    assert.ok(delivery!.dueAtMs! > Date.now() + 3_500_000);
  });

  it("gives up after its patience, or at once where it is not wanted, and sends again when somebody asks", async () => {
    const { webhook } = await add(["deployment.accepted"]);
    receiver.answers.push(...Array.from({ length: 3 }, () => ({ status: 503 })));
    await play();
    dispatch();
    await untilState(webhook.id, "dead");
    assert.equal(receiver.received.length, 3);
    await until(() => warnings.length > 0);
    assert.partialDeepStrictEqual(warnings[0], { attempts: 3, error: "it was answered 503" });
    receiver.answers.push({ status: 410 });
    assert.equal(await webhooks.replay(webhook.id), 1);
    await receiver.until(4);
    await untilState(webhook.id, "dead");
    const [{ id } = { id: "" }] = await webhooks.deliveries({
      webhookId: webhook.id,
      state: "dead",
      limit: 1,
    });
    assert.equal(await webhooks.replay(webhook.id, id), 1);
    await untilState(webhook.id, "delivered");
    assert.equal(receiver.received.length, 5);
    assert.equal(await webhooks.replay(webhook.id, id), 1, "what was delivered is sent again too, by its id");
    await receiver.until(6);
    const isCode = (code: string) => (error: unknown) => error instanceof WebhookError && error.code === code;
    await assert.rejects(webhooks.replay(webhook.id, "msg_none"), isCode("delivery-not-found"));
    await assert.rejects(webhooks.replay("wh_none"), isCode("webhook-not-found"));
  });

  it("sends each event once, however many processes do it", async () => {
    const { webhook } = await add(["*"]);
    const ids = await Promise.all([play(), play(), play()]);
    for (let count = 0; count < 3; count += 1) dispatch();
    const events = (await Promise.all(ids.map((id) => database.records.events(id, 0, 100)))).flat();
    await receiver.until(events.length);
    await until(async () => !(await statesOf(webhook.id)).includes("pending"));
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(receiver.received.length, events.length);
  });

  it("passes an event on once: who comes second keeps nothing", async () => {
    const { webhook } = await add(["*"]);
    const { webhooks: store } = database;
    const delivery = { id: "msg_1", event: "deployment.started", position: 9, body: "{}" };
    const moved = { stream: "records", from: webhook.position, to: webhook.position + 9 } as const;
    assert.equal(await store.enqueue(webhook.id, moved, [delivery]), true);
    assert.equal(await store.enqueue(webhook.id, moved, [{ ...delivery, id: "msg_2", position: 8 }]), false);
    assert.deepEqual(await statesOf(webhook.id), ["pending"]);
  });

  it("gives a delivery to another process when its own has died", async () => {
    const { webhook } = await add(["*"]);
    await webhooks.test(webhook.id);
    const { webhooks: store } = database;
    assert.equal((await store.take(10, 60_000)).length, 1);
    assert.equal((await store.take(10, 60_000)).length, 0, "it is another's");
    await webhooks.test(webhook.id);
    const [dying] = await store.take(10, 20);
    const again = await until(async () => (await store.take(10, 60_000))[0]);
    assert.deepEqual([again.id, again.attempts], [dying!.id, 2]);
  });

  it("goes where webhooks may go, and nowhere else", async () => {
    const urls = [
      "http://127.0.0.2:1/x",
      "http://169.254.169.254/latest",
      "ftp://hooks.example/x",
      "file:///etc/passwd",
      "http://u:p@hooks.example/",
    ];
    const sender = createSender([]);
    for (const url of urls) assert.throws(() => sender.checkUrl(url), /leads where|not an http/, url);
    assert.doesNotThrow(() => sender.checkUrl("https://hooks.example/x"));
    const { webhook } = await add(["*"], { url: receiver.url.replace("127.0.0.1", "localhost") });
    await webhooks.test(webhook.id);
    dispatch([], []);
    await untilState(webhook.id, "dead");
    assert.equal(receiver.received.length, 0, "a name that leads to this machine");
    const [delivery] = await webhooks.deliveries({ webhookId: webhook.id, limit: 1 });
    assert.match(delivery!.lastError!, /leads where webhooks may not go/);
  });

  it("tells why nobody could be reached, without the query of the URL", async () => {
    const { webhook } = await add(["*"], { url: "http://127.0.0.1:1/hook?token=canary" });
    await webhooks.test(webhook.id);
    dispatch([]);
    await untilState(webhook.id, "dead");
    const [delivery] = await webhooks.deliveries({ webhookId: webhook.id, limit: 1 });
    assert.equal(delivery!.lastError, "it could not be reached (ECONNREFUSED)");
    assert.doesNotMatch(JSON.stringify([warnings, delivery]), /canary/);
  });

  it("is silent once it is removed", async () => {
    const { webhook } = await add(["*"]);
    await play();
    await webhooks.test(webhook.id);
    await webhooks.remove(webhook.id);
    assert.deepEqual(await database.webhooks.deliveries({ webhookId: webhook.id, limit: 10 }), []);
    dispatch();
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(receiver.received.length, 0);
    await assert.rejects(webhooks.get(webhook.id), /no webhook/);
  });

  it("forgets what was delivered, and later what died", async () => {
    const { webhook } = await add(["*"]);
    const { webhooks: store } = database;
    for (const state of ["delivered", "dead"] as const) {
      await webhooks.test(webhook.id);
      const [taken] = await store.take(1, 60_000);
      await store.settle(
        taken!.id,
        state === "dead" ? { state, status: null, error: "x" } : { state, status: 204 },
      );
    }
    await store.prune(60_000);
    assert.deepEqual((await statesOf(webhook.id)).toSorted(), ["dead", "delivered"]);
    // What died is kept four times as long: the machine may pause for most of that.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await store.prune(1_000);
    assert.deepEqual(await statesOf(webhook.id), ["dead"]);
    await store.prune(20);
    assert.deepEqual(await statesOf(webhook.id), []);
  });

  it("takes no secret that is too short to be one", async () => {
    for (const secret of ["", "whsec_", "whsec_c2hvcnQ=", Buffer.alloc(32).toString("base64")])
      await assert.rejects(add(["*"], { secret }), /secret cannot be read/);
    const { secret } = await add(["*"]);
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  });
}
