import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  /** PEM. */
  key: string;
  cert: string;
  /** `sha256:` and the hex digest of the DER, for pinning. */
  fingerprint: string;
}

/**
 * Makes a self-signed certificate with openssl, as BMCs have from the factory: EC P-256, two days, for 127.0.0.1 and
 * localhost.
 *
 * @throws Error when there is no openssl
 */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "bmc-certificate-"));
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const names = "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost";
    const subject = ["-subj", "/CN=simulated BMC", "-addext", names, "-days", "2"];
    const type = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    execFileSync("openssl", ["req", "-x509", ...type, "-keyout", key, "-out", cert, ...subject], {
      stdio: "ignore",
    });
    const made = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
    const digest = createHash("sha256").update(new X509Certificate(made.cert).raw).digest("hex");
    return { ...made, fingerprint: `sha256:${digest}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
