import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, readConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { startTrayload } from "../../src/main.ts";
import { watchCertificate } from "../../src/start/certificate.ts";
import { type Certificate, makeCertificate } from "../bmc-simulator/certificate.ts";
import { until } from "../until.ts";

/** Asks over TLS, trusting one certificate alone. */
function ask(
  url: string,
  ca: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca, headers, agent: false }, (response) => {
      const { fingerprint256 } = (response.socket as import("node:tls").TLSSocket).getPeerCertificate();
      const fingerprint = `sha256:${fingerprint256.replaceAll(":", "").toLowerCase()}`;
      response.resume().on("end", () => resolve({ status: response.statusCode!, fingerprint }));
    });
    sent.on("error", reject).end();
  });
}

describe("a certificate", () => {
  let folder: string;
  let certificate: Certificate;
  const at = (name: string): string => join(folder, name);
  const write = ({ cert, key }: Certificate): void => {
    writeFileSync(at("cert.pem"), cert);
    writeFileSync(at("key.pem"), key);
  };
  const files = () => ({ certFile: at("cert.pem"), keyFile: at("key.pem") });
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    to: { write: (line: string) => void lines.push(line) },
    isForPeople: false,
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "trayload-certificate-"));
    certificate = makeCertificate();
    write(certificate);
    lines.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("lets both listeners speak https, the provisioning one beside http, and is renewed without a restart", async function () {
    this.timeout(30_000);
    const both = ["API", "PROVISION"].flatMap((whose) => [
      [`TRAYLOAD_${whose}_TLS_CERT`, at("cert.pem")],
      [`TRAYLOAD_${whose}_TLS_KEY`, at("key.pem")],
    ]);
    const listens = ["API_LISTEN", "PROVISION_LISTEN", "PROVISION_LISTEN_TLS"].map((name) => [
      `TRAYLOAD_${name}`,
      "127.0.0.1:0",
    ]);
    const env = Object.fromEntries([...both, ...listens, ["TRAYLOAD_DATA_DIR", at("data")]]) as Record<
      string,
      string
    >;
    const trayload = await startTrayload(readConfig(env), { log });
    try {
      assert.match(trayload.apiUrl!, /^https:/);
      const healthy = await ask(`${trayload.apiUrl}/healthz`, certificate.cert);
      assert.deepEqual(healthy, { status: 200, fingerprint: certificate.fingerprint });
      assert.equal((await ask(`${trayload.provisionTlsUrl}/unknown/boot.iso`, certificate.cert)).status, 404);
      assert.equal((await fetch(`${trayload.provisionUrl}/unknown/boot.iso`)).status, 404);

      const renewed = makeCertificate();
      write(renewed);
      for (const url of [`${trayload.apiUrl}/healthz`, `${trayload.provisionTlsUrl}/unknown/boot.iso`]) {
        const { fingerprint } = await until(() => ask(url, renewed.cert).catch(() => undefined));
        assert.equal(fingerprint, renewed.fingerprint);
      }
    } finally {
      await trayload.stop();
    }
  });

  it("stays as long as its files do not belong together", async () => {
    const watched = watchCertificate(files(), log, 5);
    const told: string[] = [];
    watched.onRenewed(({ cert }) => told.push(cert));
    const renewed = makeCertificate();
    writeFileSync(at("cert.pem"), renewed.cert);
    await until(async () => lines.some((line) => line.includes("does not stand")));
    assert.equal(watched.current().cert, certificate.cert);
    writeFileSync(at("key.pem"), renewed.key);
    await until(async () => told.length > 0);
    assert.deepEqual(told, [renewed.cert]);
    assert.equal(lines.filter((line) => line.includes("does not stand")).length, 1);
    assert.ok(!lines.join("").includes("PRIVATE KEY"));
    watched.stop();
  });

  it("is refused at the start without its key, with another's, and where it is none", () => {
    const name = "TRAYLOAD_API_TLS";
    writeFileSync(at("other.pem"), makeCertificate().key);
    const wrong: Record<string, string>[] = [
      { [`${name}_CERT`]: at("cert.pem") },
      { [`${name}_CERT`]: at("cert.pem"), [`${name}_KEY`]: at("other.pem") },
      { [`${name}_CERT`]: at("key.pem"), [`${name}_KEY`]: at("key.pem") },
      { [`${name}_CERT`]: at("absent.pem"), [`${name}_KEY`]: at("key.pem") },
    ];
    for (const env of wrong)
      assert.throws(
        () => readConfig(env),
        (error: ConfigError) => error.problems.length === 1 && error.problems[0]!.setting === `${name}_CERT`,
      );
    const right = { [`${name}_CERT`]: at("cert.pem"), [`${name}_KEY`]: at("key.pem") };
    assert.deepEqual(readConfig({ ...right, TRAYLOAD_API_LISTEN: "0.0.0.0:8080" }).api.tls, files());
  });
});
