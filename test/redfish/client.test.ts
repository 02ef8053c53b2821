import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { createRedfishClient, type ExchangeReport } from "../../src/redfish/client.ts";
import { RedfishError } from "../../src/redfish/errors.ts";
import type { TlsMode } from "../../src/redfish/tls.ts";
import { asked, begin, endAll, fails } from "./fixture.ts";
import { makeCertificate } from "./https-peer.ts";

describe("redfish client", () => {
  const certificate = makeCertificate();

  afterEach(endAll);

  describe("TLS", () => {
    const secret = { headers: { authorization: "Basic c2VjcmV0" } };

    it("refuses a self-signed BMC before a credential is sent, and says how to pin it", async () => {
      const { peer, client } = await begin([{ body: "{}" }], { certificate });
      const error = await fails(client.send("GET", "/redfish/v1", secret), "bmc-certificate-untrusted");
      assert.equal(error.fingerprint, certificate.fingerprint);
      assert.match(error.hint!, new RegExp(`trayload node set <node> --tls-pin ${certificate.fingerprint}`));
      assert.equal(peer.requests.length, 0);
    });

    it("refuses a changed pin before a credential is sent, in one attempt", async () => {
      const tls: TlsMode = { mode: "pin", fingerprint: `sha256:${"0".repeat(64)}` };
      const { peer, client } = await begin([{ body: "{}" }], { certificate, tls });
      await fails(client.send("GET", "/redfish/v1", secret), "bmc-certificate-changed");
      assert.equal(peer.requests.length, 0);
      assert.equal(peer.connections, 1);
    });

    it("accepts the pinned certificate and keeps its connection", async () => {
      const tls: TlsMode = { mode: "pin", fingerprint: certificate.fingerprint };
      const { peer, client } = await begin([{ body: "{}" }], { certificate, tls });
      for (let round = 0; round < 5; round += 1) await client.send("GET", "/redfish/v1", secret);
      assert.equal(peer.requests.length, 5);
      assert.equal(peer.connections, 1);
    });

    it("verifies against a CA that was given", async () => {
      const { client } = await begin([{ body: "{}" }], {
        certificate,
        tls: { mode: "verify", ca: certificate.cert },
      });
      assert.equal((await client.send("GET", "/redfish/v1")).status, 200);
    });

    it("takes any certificate only when told insecure", async () => {
      const { client } = await begin([{ body: "{}" }], { certificate, tls: { mode: "insecure" } });
      assert.equal((await client.send("GET", "/redfish/v1")).status, 200);
    });
  });

  describe("answers", () => {
    it("gives JSON, and nothing for an empty body that claims to be JSON", async () => {
      const json = { "content-type": "application/json" };
      const { client } = await begin([{ body: '{"Name":"bmc"}' }, { status: 204, headers: json }]);
      assert.deepEqual((await client.send("GET", "/redfish/v1")).body, { Name: "bmc" });
      assert.equal((await client.send("PATCH", "/redfish/v1", { json: {} })).body, undefined);
    });

    it("keeps every message of an error", async () => {
      const entry = {
        MessageId: "Base.1.8.ActionParameterMissing",
        Message: "TransferProtocolType is missing.",
      };
      const body = JSON.stringify({ error: { "@Message.ExtendedInfo": [entry] } });
      const { client } = await begin([{ status: 400, body }]);
      const error = await fails(client.send("POST", "/insert", { json: {} }), "bmc-rejected");
      assert.match(error.message, /ActionParameterMissing: TransferProtocolType is missing/);
    });

    it("takes an HTML error page for what its status says, without a crash", async () => {
      const { client } = await begin([{ status: 500, body: "<html>oops</html>" }]);
      const error = await fails(client.send("POST", "/insert", { json: {} }), "bmc-failed");
      assert.equal(error.mayHaveActed, true);
    });

    it("refuses HTML and broken JSON that claim success", async () => {
      for (const body of ["<html>log in</html>", '{"Name":']) {
        const { client } = await begin([{ body }]);
        await fails(client.send("GET", "/redfish/v1"), "bmc-answer-unreadable");
      }
    });

    it("stops reading a body that grows past the limit", async () => {
      const { client } = await begin([{ body: JSON.stringify("x".repeat(200_000)) }], {
        maxBodyBytes: 1_000,
      });
      assert.match(
        (await fails(client.send("GET", "/"), "bmc-answer-unreadable")).message,
        /more than 1000 bytes/,
      );
    });

    it("follows no redirect to another host, and says where it leads", async () => {
      const { peer, client } = await begin([
        { status: 301, headers: { location: "https://127.0.0.2/redfish/v1/?key=1" } },
      ]);
      const error = await fails(client.send("GET", "/redfish/v1/"), "bmc-rejected");
      assert.match(error.hint!, /^It redirects to https:\/\/127\.0\.0\.2; give/);
      assert.equal(peer.requests.length, 1);
    });

    it("takes a redirect that leads nowhere for the refusal that it is", async () => {
      const { client } = await begin([{ status: 302, headers: { location: "http://[" } }]);
      assert.equal((await fails(client.send("GET", "/redfish/v1/"), "bmc-rejected")).status, 302);
    });

    it("follows no link to another host, since the credentials would go with it", async () => {
      const { peer, client } = await begin([{ body: "{}" }]);
      await fails(client.send("GET", "http://127.0.0.2:9/elsewhere"), "bmc-answer-unreadable");
      assert.equal(peer.requests.length, 0);
    });

    it("asks the BMC itself for what its links name by a host of their own", async () => {
      const { peer, client } = await begin([{ body: "{}" }]);
      await client.send("GET", "https://bmc.invalid:9/redfish/v1/Systems?$expand=.");
      assert.deepEqual(asked(peer), ["GET /redfish/v1/Systems?$expand=."]);
    });
  });

  describe("repeats", () => {
    it("reads again after 503, as long as the BMC wished", async () => {
      const busy = { status: 503, headers: { "retry-after": "1" } };
      const { peer, client } = await begin([busy, { body: "{}" }]);
      const before = performance.now();
      await client.send("GET", "/redfish/v1");
      assert.equal(peer.requests.length, 2);
      assert.ok(performance.now() - before >= 990);
    });

    it("leaves a long wish to the caller instead of sleeping", async () => {
      const { peer, client } = await begin([{ status: 503, headers: { "retry-after": "30" } }]);
      assert.equal((await fails(client.send("GET", "/"), "bmc-busy")).retryAfterMs, 30_000);
      assert.equal(peer.requests.length, 1);
    });

    it("never sends a Reset twice that may have been received", async () => {
      for (const reply of ["hang-up", "silence", { status: 503 }] as const) {
        const { peer, client } = await begin([reply], reply === "silence" ? { timeoutMs: 1_000 } : {});
        const error = await client.send("POST", "/Reset", { json: {} }).catch((reason: unknown) => reason);
        assert.ok(error instanceof RedfishError && error.mayHaveActed, String(error));
        assert.equal(peer.requests.length, 1);
      }
    });

    it("asks once where access is denied", async () => {
      const { peer, client } = await begin([{ status: 401 }]);
      await fails(client.send("GET", "/"), "bmc-access-denied");
      assert.equal(peer.requests.length, 1);
    });

    it("says that nothing was sent where a TLS connection never stands", async () => {
      for (const isSilent of [true, false]) {
        const server = createServer((socket) => (isSilent ? socket.resume() : socket.destroy()));
        await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
        const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const client = createRedfishClient({
          address,
          tls: { mode: "insecure" },
          connectMs: isSilent ? 50 : 10_000,
        });
        const error = await fails(client.send("POST", "/Reset", { json: {} }), "bmc-unreachable");
        assert.equal(error.mayHaveActed, false);
        assert.match(error.message, isSilent ? /ETIMEDOUT/ : /ECONNRESET/);
        client.close();
        server.close();
      }
    });

    it("reports what was answered, of long bodies the size alone", async () => {
      const reports: ExchangeReport[] = [];
      const bodies = [
        '{"Id":"1","SessionToken":"t0ken"}',
        "<html>t0ken</html>",
        "",
        "[" + " ".repeat(20_000) + "]",
      ];
      const { client } = await begin(
        bodies.map((body) => ({ body })),
        { onExchange: (report) => void reports.push(report) },
      );
      for (const _ of bodies)
        await client.send("GET", "/x", { secrets: ["t0ken"], expect: "text", headers: { accept: "*/*" } });
      assert.deepEqual(
        reports.map((report) => report.responseBody),
        [{ Id: "1", SessionToken: "…" }, "<html>…</html>", undefined, "(20002 characters)"],
      );
    });

    it("says that nothing was sent when nobody listens", async () => {
      const { peer, client } = await begin([{ body: "{}" }]);
      await peer.stop();
      const error = await fails(client.send("POST", "/Reset", { json: {} }), "bmc-unreachable");
      assert.equal(error.mayHaveActed, false);
    });
  });
});
