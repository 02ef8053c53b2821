import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Product, startProduct } from "../product/fixture.ts";

const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const run = promisify(execFile);

/** Firefox can be told no more than to look at a URL, so a door before the API shows the session's cookie for it. */
interface Door {
  url: string;
  /** Paths that were asked for. */
  asked: string[];
  close(): Promise<void>;
}

/** Firefox takes its picture when all that the page names has come: the last of it comes once the page shows something. */
const LAST = "/comes-last.svg";
/** More than an empty page takes as a picture. */
const EMPTY_BYTES = 30_000;
/** For the browser to paint what came. */
const PAINT_MS = 1500;

async function openDoor(apiUrl: string, cookie: string | undefined): Promise<Door> {
  const asked: string[] = [];
  const wanted = cookie === undefined ? "/v1/session" : "/v1/nodes?";
  const shown = Promise.withResolvers<void>();
  const server = createServer((from, to) => {
    if (from.url === LAST) return void shown.promise.then(() => to.writeHead(404).end());
    asked.push(from.url!);
    const headers = {
      ...from.headers,
      "accept-encoding": "identity",
      ...(cookie === undefined ? {} : { cookie }),
    };
    const onward = request(`${apiUrl}${from.url}`, { method: from.method, headers }, (answer) => {
      if (from.url!.startsWith(wanted)) setTimeout(shown.resolve, PAINT_MS);
      if (from.url !== "/") {
        to.writeHead(answer.statusCode!, answer.headers);
        return void answer.pipe(to);
      }
      const { "content-length": _, ...rest } = answer.headers;
      to.writeHead(answer.statusCode!, rest);
      answer.on("data", (chunk: Buffer) =>
        to.write(chunk.toString().replace("</body>", `<img src="${LAST}" alt="" hidden></body>`)),
      );
      answer.on("end", () => to.end());
    });
    onward.on("error", () => to.destroy());
    to.on("close", () => onward.destroy());
    from.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

describe("the dashboard, in Firefox", () => {
  let product: Product;
  let folder: string;

  before(async function () {
    if (!existsSync(FIREFOX)) {
      process.stderr.write(`skipped: ${FIREFOX} is not there: apt install firefox-esr\n`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "firefox-"));
    product = await startProduct({ count: 2 });
    for (const bmc of product.lab.bmcs) await product.addNode(bmc);
  });
  after(async () => {
    await product?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  /** @returns the picture, and which paths the page asked for by its script */
  async function look(name: string, cookie?: string): Promise<{ picture: Buffer; asked: string[] }> {
    const door = await openDoor(product.trayload.apiUrl!, cookie);
    const kept = process.env.SCREENSHOTS ?? folder;
    mkdirSync(kept, { recursive: true });
    const file = join(kept, `firefox-${name}.png`);
    const profile = mkdtempSync(join(folder, "profile-"));
    const args = [
      "--headless",
      "--no-remote",
      "--profile",
      profile,
      "--window-size=1360,860",
      "--screenshot",
      file,
    ];
    try {
      await run(FIREFOX, [...args, door.url], { env: { ...process.env, HOME: folder }, timeout: 50_000 });
    } finally {
      await door.close();
    }
    return { picture: readFileSync(file), asked: door.asked };
  }

  it("asks for the token", async () => {
    const { picture, asked } = await look("log-in");
    assert.ok(picture.length > EMPTY_BYTES, `${picture.length} bytes`);
    assert.ok(asked.includes("/v1/session"), asked.join(" "));
    assert.ok(!asked.some((path) => path.startsWith("/v1/nodes")), asked.join(" "));
  });

  it("shows the fleet, and follows it", async () => {
    const { headers } = await product.call("POST", "/v1/session");
    const { picture, asked } = await look("fleet", headers.get("set-cookie")!.split(";")[0]);
    assert.ok(picture.length > EMPTY_BYTES, `${picture.length} bytes`);
    assert.ok(
      asked.some((path) => path.startsWith("/v1/nodes?")),
      asked.join(" "),
    );
    assert.ok(
      asked.some((path) => path.startsWith("/v1/events")),
      asked.join(" "),
    );
  });
});
