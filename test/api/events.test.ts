import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { shownEvent } from "../../src/api/schemas/event.ts";
import { DEPLOYMENT, finish, NODE, startDeployed, stopAll, TOKEN } from "./fixture.ts";
import { openStream, type Stream } from "./sse-client.ts";
import { until } from "../until.ts";

describe("events over the API", () => {
  afterEach(stopAll);

  const idsOf = ({ messages }: Stream) => messages.map(({ id }) => id);

  it("are a list in pages", async () => {
    const { call, records, id } = await startDeployed();
    finish(records, id);
    const first = await call("GET", `/v1/deployments/${id}/events?limit=2`);
    assert.deepEqual(
      first.body.items.map(({ type }: { type: string }) => type),
      ["accepted", "started"],
    );
    for (const item of first.body.items) assert.deepEqual(shownEvent.parse(item), item);
    const rest = await call("GET", `/v1/deployments/${id}/events?after=${first.body.nextCursor}`);
    assert.deepEqual(
      rest.body.items.map(({ seq }: { seq: number }) => seq),
      [3],
    );
    assert.equal(rest.body.nextCursor, null);
  });

  it("stream from the first to the last, and then the stream ends", async () => {
    const { url, records, id } = await startDeployed();
    const stream = await openStream(`${url}/v1/deployments/${id}/events`);
    await stream.until(1);
    finish(records, id);
    await stream.ended;
    assert.deepEqual(idsOf(stream), ["1", "2", "3"]);
    assert.deepEqual(
      stream.messages.map(({ data }) => data.type),
      ["accepted", "started", "succeeded"],
    );
  });

  it("resume behind the last that was seen, without loss or doubles", async () => {
    const { url, records, id } = await startDeployed();
    const first = await openStream(`${url}/v1/deployments/${id}/events`);
    await first.until(1);
    first.close();
    records.add(id, { type: "started" });
    records.add(id, { type: "warned", step: null, message: "one" });
    const second = await openStream(`${url}/v1/deployments/${id}/events`, { "last-event-id": "1" });
    await second.until(2);
    records.add(id, { type: "warned", step: null, message: "two" });
    await second.until(3);
    assert.deepEqual(idsOf(second), ["2", "3", "4"]);
    second.close();
  });

  it("answer 204 to one who has seen the end, so that a browser stops asking", async () => {
    const { url, records, id } = await startDeployed();
    finish(records, id);
    const stream = await openStream(`${url}/v1/deployments/${id}/events`, { "last-event-id": "3" });
    assert.equal(stream.status, 204);
  });

  it("begin again with a reset when the last that was seen is gone", async () => {
    const { url, records, id } = await startDeployed();
    const stream = await openStream(`${url}/v1/deployments/${id}/events`, { "last-event-id": "700" });
    const messages = await stream.until(2);
    assert.deepEqual(
      messages.map(({ event, id: number }) => [event, number]),
      [
        ["reset", undefined],
        ["message", "1"],
      ],
    );
    stream.close();
    const all = await openStream(`${url}/v1/events`, { "last-event-id": "9999" });
    assert.equal((await all.until(2))[0]!.event, "reset");
    all.close();
    assert.ok(records.calls.events! > 0);
  });

  it("of everything stream from now on, with the global position as id", async () => {
    const { url, call, records, id } = await startDeployed();
    const stream = await openStream(`${url}/v1/events`);
    records.add(id, { type: "started" });
    const [message] = await stream.until(1);
    assert.deepEqual([message!.id, message!.data.recordId, message!.data.type], ["4", id, "started"]);
    stream.close();
    await call("POST", "/v1/nodes", { ...NODE, name: "n2" });
    await call("POST", "/v1/deployments", { ...DEPLOYMENT, node: "n2" });
    const later = await openStream(`${url}/v1/events`, { "last-event-id": "4" });
    assert.equal((await later.until(1))[0]!.data.type, "accepted");
    later.close();
    const list = await call("GET", "/v1/events", undefined, { accept: "application/json" });
    assert.equal(list.body.items.length, 3);
  });

  it("carry samples without an id, each only when something changed", async () => {
    const { url, records, reads, id } = await startDeployed();
    records.add(id, { type: "started" });
    records.add(id, {
      type: "learned",
      step: "publish-disc",
      facts: { disc: { id: "disc_1", sizeBytes: 6_553_600 } },
    });
    const stream = await openStream(`${url}/v1/deployments/${id}/events`);
    const [sample] = (await stream.until(4)).slice(3);
    assert.deepEqual(
      [sample!.event, sample!.id, sample!.data.progress.discBytesRead],
      ["progress", undefined, 0],
    );
    reads.set("disc_1", { blocksCovered: 10, blocks: 100, bytesPerSecond: 5, lastReadAt: null } as never);
    assert.equal((await stream.until(5))[4]!.data.progress.discShare, 0.1);
    await new Promise((resolve) => setTimeout(resolve, 80));
    assert.equal(stream.messages.length, 5);
    stream.close();
  });

  it("keep a quiet stream alive with comments", async () => {
    const { url, id } = await startDeployed({ pace: { commentEveryMs: 10 } });
    const stream = await openStream(`${url}/v1/deployments/${id}/events`);
    await until(() => stream.comments.length >= 2);
    stream.close();
  });

  it("are read once however many clients listen", async () => {
    const { url, records, id } = await startDeployed({ pace: { lookEveryMs: 60_000 } });
    const streams = await Promise.all(
      Array.from({ length: 60 }, () => openStream(`${url}/v1/deployments/${id}/events`)),
    );
    await Promise.all(streams.map((stream) => stream.until(1)));
    const before = { ...records.calls };
    for (const message of ["one", "two", "three"]) {
      records.add(id, { type: "warned", step: null, message });
      await Promise.all(streams.map((stream) => stream.until(2)));
    }
    await Promise.all(streams.map((stream) => stream.until(4)));
    assert.equal(records.calls.events, before.events, "a client read for itself");
    assert.ok(records.calls.eventsSince! - (before.eventsSince ?? 0) <= 6);
    for (const stream of streams) {
      assert.deepEqual(idsOf(stream), ["1", "2", "3", "4"]);
      stream.close();
    }
  });

  it("drop a client that takes nothing", async () => {
    const { url, records, id } = await startDeployed({ pace: { stuckMs: 50 } });
    const { port, hostname } = new URL(url);
    const dropped = closeOfNext("/v1/events");
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET /v1/events HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const message = "x".repeat(200_000);
    for (let time = 0; time < 60; time += 1) records.add(id, { type: "warned", step: null, message });
    await dropped;
    socket.on("error", () => undefined);
    let bytes = 0;
    socket.on("data", (chunk: Buffer) => (bytes += chunk.length));
    socket.resume();
    await closed;
    assert.ok(bytes < 60 * 200_000, `${bytes} bytes came`);
  });

  it("want an Accept and a Last-Event-ID that make sense", async () => {
    const { call, id } = await startDeployed();
    const path = `/v1/deployments/${id}/events`;
    assert.equal((await call("GET", path, undefined, { accept: "image/png" })).body.code, "not-acceptable");
    const odd = await call("GET", path, undefined, { accept: "text/event-stream", "last-event-id": "x" });
    assert.equal(odd.body.code, "invalid-header");
  });
});

/** Resolves when the server has closed the connection on which the path is asked for next. */
function closeOfNext(path: string): Promise<void> {
  return new Promise((resolve) => {
    const see = (message: unknown) => {
      const { request, socket } = message as { request: IncomingMessage; socket: Socket };
      if (request.url !== path) return;
      unsubscribe("http.server.request.start", see);
      socket.once("close", () => resolve());
    };
    subscribe("http.server.request.start", see);
  });
}
