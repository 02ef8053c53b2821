import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { connect } from "node:tls";
import { begin, endAll } from "./fixture.ts";

/** The fingerprint of the certificate that is really shown at this address. */
async function shownAt(address: string): Promise<string> {
  const { hostname: host, port } = new URL(address);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
    resolve(`sha256:${hash("sha256", socket.getPeerCertificate().raw, "hex")}`);
    socket.destroy();
  });
  socket.on("error", reject);
  return promise;
}

describe("a simulated BMC behind TLS", () => {
  afterEach(endAll);

  it("shows a self-signed certificate, whose fingerprint the lab tells", async () => {
    const { lab, bmc } = await begin({ tls: true });

    assert.match(bmc.address, /^https:/);
    assert.equal(await shownAt(bmc.address), bmc.fingerprint);
    assert.equal(lab.fingerprint, bmc.fingerprint);
    await assert.rejects(fetch(bmc.address), ({ cause }: Error) => {
      assert.equal((cause as NodeJS.ErrnoException).code, "DEPTH_ZERO_SELF_SIGNED_CERT");
      return true;
    });
  });

  it("shows another one when told, while its neighbours keep theirs", async () => {
    const { lab } = await begin({ tls: true, count: 2 });
    const [bmc, neighbour] = lab.bmcs;
    const before = bmc!.fingerprint;

    const after = bmc!.changeCertificate();

    assert.notEqual(after, before);
    assert.equal(await shownAt(bmc!.address), after);
    assert.equal(await shownAt(neighbour!.address), before);
  });

  it("has no certificate to change over plain HTTP", async () => {
    const { bmc } = await begin();

    assert.equal(bmc.fingerprint, null);
    assert.throws(() => bmc.changeCertificate(), /plain HTTP/);
  });
});
