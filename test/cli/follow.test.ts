import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import fc from "fast-check";
import { readFrames } from "../../src/cli/frames.ts";
import { startDeployed, stopAll } from "../api/fixture.ts";
import { type } from "./fixture.ts";

type Part = (request: IncomingMessage, response: ServerResponse) => void;

const EVENTS = [
  { type: "accepted", node: { name: "n1" }, request: {}, plan: [] },
  { type: "warned", message: "one" },
  { type: "warned", message: "two" },
  { type: "succeeded", clean: true },
].map((event, index) => ({ seq: index + 1, at: "2026-11-21T12:00:00Z", ...event }));

const DEPLOYMENT = {
  id: "dep_1",
  node: { id: "node_1", name: "n1" },
  state: "succeeded",
  final: true,
  clean: true,
  error: null,
  startedAt: null,
  endedAt: null,
  evidence: [],
  request: { eject: "at-end" },
};

/** Frames of the events after `last`, up to `until`. */
const frames = (last: number, until: number): string =>
  EVENTS.slice(last, until)
    .map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`)
    .join("");

describe("a stream that breaks", () => {
  const open: { close(): void }[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) server.close();
    await stopAll();
  });

  /** A server whose stream does one part after the other; what was asked for is remembered. */
  async function startBreaking(parts: Part[]) {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      if (!request.url!.endsWith("/events")) {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(DEPLOYMENT));
        return;
      }
      asked.push(request.headers["last-event-id"] as string | undefined);
      parts[asked.length - 1]?.(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push({ close: () => (server.closeAllConnections(), server.close()) });
    return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, asked };
  }

  const send =
    (text: string): Part =>
    (_, response) =>
      response.writeHead(200).write(text);
  const cutAfter =
    (text: string): Part =>
    (request, response) => {
      response.writeHead(200).write(text, () => setTimeout(() => request.socket.destroy(), 10));
    };
  const told = (out: string) => [...out.matchAll(/^\S+ (?:warning|note) +(.*)$/gm)].map((match) => match[1]);

  it("is resumed behind the last event, without loss or doubles, and says so", async () => {
    const server = await startBreaking([
      cutAfter(frames(0, 2)),
      (request) => request.socket.destroy(),
      send(frames(2, 4)),
    ]);
    const typing = type(server, ["deployment", "watch", "dep_1"]);
    assert.equal(await typing.ended, 0);
    assert.deepEqual(server.asked, [undefined, "2", "2"]);
    assert.deepEqual(
      told(typing.out).map((text) => text!.replace(/\(.*\)/, "(…)")),
      [
        "n1: 0 steps",
        "one",
        "lost sight of the server (…); trying again, the deployment goes on",
        "the server is back",
        "two",
      ],
    );
  });

  it("is cut and opened again when it falls silent", async () => {
    const server = await startBreaking([send(frames(0, 1)), send(frames(1, 4))]);
    // What has come must be read before: long beside the pauses of a busy machine.
    const typing = type(server, ["deployment", "watch", "dep_1"], { patience: { silentMs: 1_500 } });
    assert.equal(await typing.ended, 0);
    assert.deepEqual(server.asked, [undefined, "1"]);
    assert.match(typing.out, /it fell silent/);
  });

  it("lives as long as there are comments", async () => {
    const server = await startBreaking([
      (_, response) => {
        response.writeHead(200).write(frames(0, 1));
        const timer = setInterval(() => response.write(": still here\n\n"), 20);
        setTimeout(() => (clearInterval(timer), response.write(frames(1, 4))), 2_200);
      },
    ]);
    // Long beside the pauses of a busy machine, and shorter than what passes without an event.
    const typing = type(server, ["deployment", "watch", "dep_1"], { patience: { silentMs: 1_800 } });
    assert.equal(await typing.ended, 0);
    assert.deepEqual(server.asked, [undefined]);
  });

  it("begins again where the server has forgotten", async () => {
    const reset = `event: reset\ndata: {"after":0}\n\n${frames(2, 3)}`;
    const server = await startBreaking([cutAfter(frames(0, 1)), cutAfter(reset), send(frames(3, 4))]);
    const typing = type(server, ["deployment", "watch", "dep_1"]);
    assert.equal(await typing.ended, 0);
    assert.deepEqual(server.asked, [undefined, "1", "3"]);
  });

  it("is over when all was seen", async () => {
    const server = await startBreaking([
      cutAfter(frames(0, 3)),
      (_, response) => response.writeHead(204).end(),
    ]);
    assert.equal(await type(server, ["deployment", "watch", "dep_1"]).ended, 0);
  });

  it("is given up with status 4 when the server stays away", async () => {
    const server = await startBreaking([(request) => request.socket.destroy()]);
    const typing = type({ url: "http://127.0.0.1:9" }, ["deployment", "watch", "dep_1"], {
      patience: { giveUpMs: 60 },
    });
    assert.equal(await typing.ended, 4);
    assert.match(typing.err, /has been away for .*server-unreachable/);
    assert.deepEqual(server.asked, []);
  });

  it("is not tried again when the API refuses it", async () => {
    const api = await startDeployed();
    const typing = type(api, ["deployment", "watch", "dep_00000000000000000000000000"]);
    assert.equal(await typing.ended, 1);
    assert.match(typing.err, /deployment-not-found/);
  });
});

describe("frames of a stream", () => {
  it("are read alike however the bytes arrive", async () => {
    const text = `retry: 2000\n\n: hello\n\nid: 7\ndata: {"a":"ü\u{1f4bf}"}\n\nevent: progress\r\ndata: {"b":\r\ndata: 1}\r\n\r\n`;
    const bytes = Buffer.from(text);
    const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const edges = [0, ...places.toSorted((one, other) => one - other), bytes.length];
        const pieces = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
        const read = [];
        for await (const frame of readFrames(arriving(pieces), () => undefined)) read.push(frame);
        assert.deepEqual(read, [
          { id: 7, event: "message", data: { a: "ü\u{1f4bf}" } },
          { id: undefined, event: "progress", data: { b: 1 } },
        ]);
      }),
      { numRuns: 50 },
    );
  });
});

async function* arriving(pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield piece;
}
