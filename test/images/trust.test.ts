import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { type Certificate, makeCertificate } from "../bmc-simulator/certificate.ts";
import { fetched, makePlace, type Place, refused } from "./store-fixture.ts";

const CONTENT = Buffer.from("an image behind TLS");

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

describe("an image server with a certificate of its own", () => {
  let certificate: Certificate;
  let place: Place;
  let server: Server;
  let url: string;
  let asked: IncomingMessage[];
  const auth = { username: "reader", password: "canary" };
  before(() => {
    certificate = makeCertificate();
  });
  beforeEach(async () => {
    place = await makePlace();
    asked = [];
    server = createSecureServer(certificate, (request, response) => {
      asked.push(request);
      response.end(CONTENT);
    });
    url = `https://127.0.0.1:${await listen(server)}/disc.iso`;
  });
  afterEach(async () => {
    await stop(server);
    await place.end();
  });

  it("is not trusted, and gets no credential to see", async () => {
    const error = await refused(place.open(), { url, checksum: null, auth }, "image-certificate-untrusted");
    assert.equal(error.retryable, false);
    assert.match(error.message, new RegExp(certificate.fingerprint));
    assert.equal(asked.length, 0);
  });

  it("is trusted where the image brings its authority", async () => {
    await fetched(place.open(), { url, checksum: null, auth, tls: { ca: certificate.cert } });
    assert.match(asked[0]!.headers.authorization!, /^Basic /);
    const other = makeCertificate();
    const tls = { ca: other.cert };
    await refused(place.open(), { url, checksum: null, auth, tls }, "image-certificate-untrusted");
    assert.equal(asked.length, 1);
  });

  it("is trusted where the image brings its fingerprint, and by no other one", async () => {
    await fetched(place.open(), { url, checksum: null, tls: { fingerprint: certificate.fingerprint } });
    const tls = { fingerprint: `sha256:${"0".repeat(64)}` };
    await refused(place.open(), { url, checksum: null, auth, tls }, "image-certificate-untrusted");
    assert.equal(asked.length, 1);
  });

  it("is not trusted because another server's pin was given, which redirects there; its authority counts", async () => {
    const first = createServer((_, response) => response.writeHead(302, { location: url }).end());
    const from = `http://127.0.0.1:${await listen(first)}/`;
    const { cert, fingerprint } = certificate;
    const pinned = { url: from, checksum: null, tls: { fingerprint } };
    await refused(place.open(), pinned, "image-certificate-untrusted");
    assert.equal(asked.length, 0);
    await fetched(place.open(), { url: from, checksum: null, tls: { ca: cert } });
    await stop(first);
  });

  describe("behind a proxy", () => {
    let proxy: Server;
    let tunnels: IncomingMessage[];
    let proxyUrl: string;
    beforeEach(async () => {
      tunnels = [];
      proxy = createServer((request, response) => {
        tunnels.push(request);
        response.end("plain, by the proxy");
      });
      proxy.on("connect", (request, socket) => {
        tunnels.push(request);
        const far = connect(Number(new URL(url).port), "127.0.0.1", () => {
          socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
          far.pipe(socket).pipe(far);
        });
        far.on("error", () => socket.destroy()).on("close", () => socket.destroy());
        socket.on("error", () => far.destroy()).on("close", () => far.destroy());
      });
      proxyUrl = `http://user:canary@127.0.0.1:${await listen(proxy)}`;
    });
    afterEach(() => stop(proxy));

    it("is reached by a tunnel, with the proxy's credentials, and judged all the same", async () => {
      const store = place.open({ proxies: { https: proxyUrl } });
      const tls = { fingerprint: certificate.fingerprint };
      await fetched(store, { url, checksum: null, tls });
      assert.equal(tunnels[0]!.url, new URL(url).host);
      assert.equal(tunnels[0]!.headers["proxy-authorization"], `Basic ${btoa("user:canary")}`);
      const wrong = { url, checksum: null, auth, tls: { fingerprint: "0".repeat(64) } };
      const { message } = await refused(store, wrong, "image-certificate-untrusted");
      assert.ok(!message.includes("canary"), message);
      assert.equal(asked.length, 1);
    });

    it("is asked by the proxy where the image is not secret, and directly where that was said", async () => {
      const [http, plain] = [proxyUrl, url.replace("https:", "http:").replace("127.0.0.1", "img.example")];
      const store = place.open({ proxies: { http }, allow: ["img.example", "127.0.0.1"] });
      const { sizeBytes } = await fetched(store, { url: plain, checksum: null });
      assert.equal(sizeBytes, "plain, by the proxy".length);
      assert.equal(tunnels[0]!.url, plain);
      const direct = place.open({ proxies: { https: proxyUrl, none: ["127.0.0.1"] } });
      await fetched(direct, { url, checksum: null, tls: { ca: certificate.cert } }, "dep_2");
      assert.equal(tunnels.length, 1);
    });

    it("is refused where its address or its name's address is not allowed, before the proxy is asked", async () => {
      const store = place.open({ proxies: { http: proxyUrl, https: proxyUrl }, allow: ["*"] });
      for (const host of ["169.254.169.254", "localhost"])
        await refused(store, { url: `http://${host}/x.iso`, checksum: null }, "image-not-allowed");
      assert.equal(tunnels.length, 0);
    });
  });
});
