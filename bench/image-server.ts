import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { makeKernel } from "../test/images/inspect/programs.ts";
import { makeDisk } from "../test/media/disks.ts";
import { makeTinyIso } from "../test/media/tiny-iso.ts";

/** What was asked of the ISO, as its server saw it. */
export interface IsoTraffic {
  /** Requests, for a single byte too, by which it is found out whether there is such a file. */
  requests: number;
  /** Requests for more than that. */
  downloads: number;
  bytesSent: number;
}

/** The web server with the images of the bench. */
export interface ImageServer {
  origin: string;
  traffic(): IsoTraffic;
  /** From now on the ISO's headers are sent, but none of its bytes before `goOn`. */
  hold(): void;
  goOn(): void;
  close(): Promise<void>;
}

/** Beyond it nothing but zeros follows, of which a large ISO costs no memory. */
const WRITTEN_BYTES = 2 * 2 ** 20;
const CHUNK = Buffer.alloc(2 ** 20);

/** @param diskBytes size of the disk image that agents write; 0 for none */
export async function startImageServer(isoBytes: number, diskBytes = 0): Promise<ImageServer> {
  const written = makeTinyIso({ sizeBytes: Math.min(isoBytes, WRITTEN_BYTES) });
  const disk = diskBytes === 0 ? undefined : makeDisk({ efi: true, sizeBytes: diskBytes });
  // Made when it is asked for: a large one takes seconds, and only agents have it.
  let ramdisk: Buffer | undefined;
  const files: Record<string, () => Buffer> = {
    "/bench.iso": () => written,
    ...(disk === undefined ? {} : { "/disk.raw": () => disk }),
    "/kernel": () => makeKernel("x86_64"),
    "/ramdisk": () => (ramdisk ??= gzipSync(Buffer.alloc(isoBytes, "agent"), { level: 0 })),
  };
  const traffic: IsoTraffic = { requests: 0, downloads: 0, bytesSent: 0 };
  let allowed = Promise.resolve();
  let allow = (): void => undefined;

  async function* isoBody(): AsyncGenerator<Buffer> {
    traffic.downloads += 1;
    await allowed;
    for (let at = 0; at < isoBytes; ) {
      const bytes = at === 0 ? written : CHUNK.subarray(0, Math.min(CHUNK.length, isoBytes - at));
      at += bytes.length;
      traffic.bytesSent += bytes.length;
      yield bytes;
    }
  }

  const server = createServer((request, response) => {
    const name = request.url!;
    const isIso = name === "/bench.iso";
    const file = files[name]!();
    const length = isIso ? isoBytes : file.length;
    const isProbe = request.headers.range === "bytes=0-0";
    const range = isProbe ? { "content-length": 1, "content-range": `bytes 0-0/${length}` } : {};
    if (isIso) traffic.requests += 1;
    response.writeHead(isProbe ? 206 : 200, {
      "content-length": length,
      etag: `"${name.slice(1)}"`,
      ...range,
    });
    if (request.method === "HEAD") response.end();
    else if (isProbe) response.end(file.subarray(0, 1));
    else if (isIso) {
      response.flushHeaders();
      // A client that goes away is seen in what was sent.
      pipeline(isoBody(), response).catch(() => undefined);
    } else response.end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    traffic: () => ({ ...traffic }),
    hold() {
      ({ promise: allowed, resolve: allow } = Promise.withResolvers<void>());
    },
    goOn: () => allow(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
