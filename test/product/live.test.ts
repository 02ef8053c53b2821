import assert from "node:assert/strict";
import { once } from "node:events";
import { Server } from "node:http";
import { connect } from "node:net";
import { StatementSync } from "node:sqlite";
import sinon from "sinon";
import { openStream, type Stream } from "../api/sse-client.ts";
import { asModelMachine } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";
const CLIENTS = 500;

describe("a deployment that is watched", () => {
  let product: Product;
  let reads: { count: number; end: () => void } | undefined;
  beforeEach(async () => {
    product = await startProduct();
    await product.addNode();
  });
  afterEach(async () => {
    reads?.end();
    reads = undefined;
    await product.stop();
  });

  const watch = (path: string, lastEventId?: string) =>
    openStream(`${product.trayload.apiUrl}${path}`, {
      authorization: `Bearer ${product.trayload.admin.token}`,
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
    });
  const numbersOf = (stream: Stream) =>
    stream.messages.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
  const callBack = () => fetch(`${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`, { method: "POST" });

  /** A deployment of which nothing more happens until it is called back. */
  async function begin(): Promise<string> {
    const { body } = await product.submit({ callbackSecret: CALLBACK_SECRET });
    const isThere = async () => {
      const { body: view } = await product.call("GET", `/v1/deployments/${body.id}`);
      return view.step === "wait-for-finish" && asModelMachine(product.bmc.machine).bootState === "OSRunning";
    };
    await until(isThere);
    return body.id as string;
  }

  it("is seen without a gap and without a double over a restart, one's own and everybody's events", async () => {
    const before = await watch("/v1/events");
    const id = await begin();
    const own = await watch(`/v1/deployments/${id}/events`);
    await until(async () => before.messages.length > 20 && own.messages.length > 20);
    await product.restart();
    await Promise.all([own.ended, before.ended]);
    const [ownLast, allLast] = [own, before].map((stream) => String(numbersOf(stream).at(-1)));
    const resumed = await watch(`/v1/deployments/${id}/events`, ownLast);
    const all = await watch("/v1/events", allLast);
    await callBack();
    await resumed.ended;
    const events = await product.events(id);
    const seen = [...numbersOf(own), ...numbersOf(resumed)];
    assert.deepEqual(
      seen,
      events.map(({ seq }) => seq as number),
    );
    assert.equal(resumed.messages.at(-1)!.data.type, "succeeded");
    await until(async () => all.messages.at(-1)?.data.type === "succeeded");
    const everything = [...before.messages, ...all.messages].map(({ data }) => data.seq as number);
    assert.deepEqual(everything, seen);
    all.close();
    const late = await watch(`/v1/deployments/${id}/events`, String(seen.at(-1)));
    assert.equal(late.status, 204);
  });

  it("is told from the beginning to one who saw what is not there", async () => {
    const id = await begin();
    for (const path of [`/v1/deployments/${id}/events`, "/v1/events"]) {
      const stream = await watch(path, "900000");
      const [reset, first] = await stream.until(2);
      assert.deepEqual([reset!.event, reset!.id, first!.data.type], ["reset", undefined, "accepted"]);
      stream.close();
    }
  });

  it("shows how far its disc was read beside its events, without a number", async () => {
    asModelMachine(product.bmc.machine).behave({ readPauseMs: 400 });
    const { body } = await product.submit({ callbackSecret: CALLBACK_SECRET });
    const stream = await watch(`/v1/deployments/${body.id}/events`);
    await until(async () => stream.messages.some(({ event }) => event === "progress"));
    const sample = stream.messages.find(({ event }) => event === "progress")!;
    assert.equal(sample.id, undefined);
    assert.equal(sample.data.progress.discSizeBytes, product.iso.content.length);
    stream.close();
  });

  it("is not read by a poller again until it changed, and held for one who waits for the end", async () => {
    const id = await begin();
    const path = `/v1/deployments/${id}`;
    let known = {};
    // What was read of the disc is kept a little later.
    await until(async () => {
      const { status, headers } = await product.call("GET", path, undefined, known);
      known = { "if-none-match": headers.get("etag")! };
      return status === 304;
    });
    const held = product.call("GET", `${path}?until=final&waitMs=60000`);
    await callBack();
    assert.equal((await held).body.state, "succeeded");
    assert.equal((await product.call("GET", path, undefined, known)).status, 200);
  });

  it("is let go at once by a server that stops, whatever its clients hold open", async () => {
    const stream = await watch("/v1/events");
    const { port, hostname } = new URL(product.trayload.apiUrl!);
    const unused = connect(Number(port), hostname);
    await once(unused, "connect");
    // By then the server has taken it.
    await product.call("GET", "/v1/nodes");
    const force = sinon.spy(Server.prototype, "closeAllConnections");
    await Promise.all([product.trayload.stop(), stream.ended, once(unused, "close")]);
    force.restore();
    assert.equal(force.callCount, 0, "it waited until its patience with connections had ended");
  });

  it(`costs no more reads of the database with ${CLIENTS} clients than with one`, async () => {
    const alone = await readsForEnd(1);
    const together = await readsForEnd(CLIENTS);
    assert.ok(together <= alone + 10, `${together} reads, where one client takes ${alone}`);
  });

  /** How often the database is read from the call-back to the end, while so many clients see all of it. */
  async function readsForEnd(clients: number): Promise<number> {
    const id = await begin();
    const streams = await Promise.all(
      Array.from({ length: clients }, () => watch(`/v1/deployments/${id}/events`)),
    );
    const told = (await product.events(id)).length;
    await Promise.all(streams.map((stream) => until(async () => numbersOf(stream).length >= told)));
    reads = countReads();
    await callBack();
    await Promise.all(streams.map((stream) => stream.ended));
    reads.end();
    const whole = (await product.events(id)).map(({ seq }) => seq as number);
    for (const stream of streams) assert.deepEqual(numbersOf(stream), whole);
    return reads.count;
  }
});

/** Counts what this process reads of SQLite until `end`. */
function countReads(): { count: number; end: () => void } {
  const prototype = StatementSync.prototype as unknown as { all: (...given: unknown[]) => unknown };
  const { all } = prototype;
  const counted = {
    count: 0,
    end: () => {
      prototype.all = all;
    },
  };
  prototype.all = function (this: unknown, ...given) {
    counted.count += 1;
    return all.apply(this, given);
  };
  return counted;
}
