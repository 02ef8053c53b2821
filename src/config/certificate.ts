import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

/** Paths of a certificate with its chain and of its key, both in PEM. */
export interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

/** @throws Error when a file cannot be read, is nothing of the kind, or the two do not belong together */
export function readCertificate({ certFile, keyFile }: CertificateFiles): { cert: string; key: string } {
  const pair = { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  createSecureContext(pair);
  return pair;
}
