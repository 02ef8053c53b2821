import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { Agent, createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  createDiscServer,
  type Disc,
  type DiscServer,
  type Extent,
  type SentRange,
} from "../../src/images/index.ts";

const FIRST = randomBytes(300_000);
const SECOND = randomBytes(70_000);
const OWN = Buffer.from("a few bytes of the node's own");
const ZEROS = Buffer.alloc(150_000);
const WHOLE = Buffer.concat([FIRST.subarray(1000, 299_000), OWN, SECOND, ZEROS, FIRST.subarray(0, 10)]);
const EXTENTS: Extent[] = [
  { kind: "blob", digest: "sha256:first", offset: 1000, length: 298_000 },
  { kind: "bytes", base64: OWN.toString("base64"), length: OWN.length },
  { kind: "blob", digest: "sha256:second", offset: 0, length: 70_000 },
  { kind: "zeros", length: ZEROS.length },
  { kind: "blob", digest: "sha256:first", offset: 0, length: 10 },
];
const DISC: Disc = {
  id: "disc_1",
  sizeBytes: WHOLE.length,
  extents: EXTENTS,
  etag: "tag",
  boot: { catalogue: { start: 0, end: 1 }, images: [] },
};

let folder: string;
let discs: DiscServer;
let server: Server;
let disc: Disc;
let reads: SentRange[];
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

interface Got {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

function ask(headers: Record<string, string> = {}, method = "GET", by = agent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const sent = request({ host: "127.0.0.1", port, method, headers, agent: by }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on("error", reject).end();
  });
}

describe("a disc server", () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "trayload-disc-"));
    const paths: Record<string, string> = {
      "sha256:first": join(folder, "1"),
      "sha256:second": join(folder, "2"),
    };
    await writeFile(paths["sha256:first"]!, FIRST);
    await writeFile(paths["sha256:second"]!, SECOND);
    discs = createDiscServer((digest) => Promise.resolve(paths[digest]));
    disc = DISC;
    reads = [];
    server = createServer((incoming, response) => {
      void discs.serve(incoming, response, disc, (range) => reads.push(range));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    agent.destroy();
    await discs.close();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  it("gives the whole disc", async () => {
    const { status, headers, body } = await ask();
    assert.equal(status, 200);
    assert.equal(headers["content-length"], String(WHOLE.length));
    assert.equal(headers["accept-ranges"], "bytes");
    assert.equal(headers.etag, '"tag"');
    assert.deepEqual(createHash("sha256").update(body).digest(), createHash("sha256").update(WHOLE).digest());
  });

  it("gives any range as the bytes that stand there", () => {
    const property = fc.asyncProperty(
      fc.nat(WHOLE.length - 1),
      fc.nat(WHOLE.length),
      async (start, length) => {
        const last = Math.min(start + length, WHOLE.length - 1);
        const { status, headers, body } = await ask({ range: `bytes=${start}-${last}` });
        assert.equal(status, 206);
        assert.equal(headers["content-range"], `bytes ${start}-${last}/${WHOLE.length}`);
        assert.equal(headers["content-length"], String(last + 1 - start));
        assert.ok(body.equals(WHOLE.subarray(start, last + 1)));
      },
    );
    return fc.assert(property, { numRuns: 60 });
  });

  it("gives each of many readers at once the bytes that it asked for", async () => {
    const many = new Agent({ keepAlive: true, maxSockets: 40 });
    const starts = Array.from({ length: 200 }, (_, index) => index * 1_500);
    const answers = await Promise.all(starts.map((start) => ask({ range: `bytes=${start}-` }, "GET", many)));
    many.destroy();
    for (const [index, { body }] of answers.entries()) assert.ok(body.equals(WHOLE.subarray(starts[index]!)));
  });

  it("gives the last bytes to who asks for a suffix", async () => {
    const { headers, body } = await ask({ range: "bytes=-100" });
    assert.ok(body.equals(WHOLE.subarray(-100)));
    assert.equal(headers["content-range"], `bytes ${WHOLE.length - 100}-${WHOLE.length - 1}/${WHOLE.length}`);
  });

  it("says how large the disc is to who asks behind its end", async () => {
    const { status, headers } = await ask({ range: `bytes=${WHOLE.length}-` });
    assert.equal(status, 416);
    assert.equal(headers["content-range"], `bytes */${WHOLE.length}`);
    assert.equal(headers["content-length"], "0");
  });

  it("answers HEAD with the size and no body, and counts no read", async () => {
    const { status, headers, body } = await ask({ range: "bytes=0-9" }, "HEAD");
    assert.equal(status, 200);
    assert.equal(headers["content-length"], String(WHOLE.length));
    assert.equal(body.length, 0);
    assert.deepEqual(reads, []);
  });

  it("gives a range only of the very disc that If-Range names", async () => {
    assert.equal((await ask({ range: "bytes=0-9", "if-range": '"tag"' })).status, 206);
    assert.equal((await ask({ range: "bytes=0-9", "if-range": '"other"' })).status, 200);
    assert.equal((await ask({ range: "bytes=0-9", "if-range": 'W/"tag"' })).status, 200);
    assert.equal(
      (await ask({ range: "bytes=0-9", "if-range": "Wed, 21 Oct 2026 07:28:00 GMT" })).status,
      200,
    );
  });

  it("keeps to If-None-Match and If-Match", async () => {
    assert.equal((await ask({ "if-none-match": '"x", "tag"' })).status, 304);
    assert.equal((await ask({ "if-none-match": '"x"' })).status, 200);
    assert.equal((await ask({ "if-match": '"x"' })).status, 412);
    assert.equal((await ask({ "if-match": "*" })).status, 200);
  });

  it("answers several ranges with the whole", async () => {
    assert.equal((await ask({ range: "bytes=0-1,5-6" })).status, 200);
  });

  it("refuses every other method", async () => {
    const { status, headers } = await ask({}, "PUT");
    assert.equal(status, 405);
    assert.equal(headers.allow, "GET, HEAD");
  });

  it("keeps one connection for many ranges", async () => {
    let connections = 0;
    server.on("connection", () => (connections += 1));
    for (let start = 0; start < 20; start += 1) await ask({ range: `bytes=${start}-${start + 2047}` });
    assert.equal(connections, 1);
  });

  it("tells what was sent, piece by piece, and where the request began", async () => {
    await ask({ range: "bytes=10-299999" });
    assert.equal(reads[0]?.start, 10);
    assert.equal(reads.at(-1)?.end, 300_000);
    for (const [index, range] of reads.entries()) {
      assert.equal(range.requestStart, 10);
      if (index > 0) assert.equal(range.start, reads[index - 1]!.end);
    }
  });

  it("asks for patience while it lacks a blob", async () => {
    disc = { ...DISC, extents: [{ kind: "blob", digest: "sha256:absent", offset: 0, length: WHOLE.length }] };
    const { status, headers } = await ask();
    assert.equal(status, 503);
    assert.equal(headers["retry-after"], "5");
    assert.equal((await ask({}, "HEAD")).status, 200);
  });

  it("cuts the connection where a blob turns out short, and never makes bytes up", async () => {
    await truncate(join(folder, "1"), 100_000);
    await assert.rejects(ask({ range: "bytes=0-200000" }));
  });

  it("counts only what a reader took that went away", async () => {
    const big = Buffer.alloc(32 * 1024 * 1024);
    await writeFile(join(folder, "1"), big);
    disc = {
      ...DISC,
      sizeBytes: big.length,
      extents: [{ kind: "blob", digest: "sha256:first", offset: 0, length: big.length }],
    };
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => socket.once("data", resolve));
    const closed = new Promise((resolve) => server.once("connection", resolve));
    socket.destroy();
    // A later request on another connection is answered, so the first one held nothing up.
    assert.equal((await ask({ range: "bytes=0-0" })).status, 206);
    await closed;
    const sent = reads.filter((range) => range.requestStart === 0 && range.end > 1);
    assert.ok((sent.at(-1)?.end ?? 0) < big.length, "everything was counted");
  });
});
