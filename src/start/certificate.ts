import { statSync } from "node:fs";
import type { Logger } from "pino";
import { type CertificateFiles, readCertificate } from "../config.ts";

/** A certificate with its key, which may be renewed while it is used. */
export interface WatchedCertificate {
  /** Both in PEM. */
  current(): { cert: string; key: string };
  /** Tells of each new pair. */
  onRenewed(use: (pair: { cert: string; key: string }) => void): void;
  stop(): void;
}

/** By a look now and then, since whoever renews certificates often changes a link far above the file. */
const LOOK_MS = 2_000;

/**
 * Reads a certificate, and reads it again whenever its files change. A pair that does not stand is passed over, since the two
 * are seldom replaced in the same moment, and looked at again.
 *
 * @throws Error when it cannot stand now
 */
export function watchCertificate(
  files: CertificateFiles,
  log: Pick<Logger, "info" | "warn">,
  lookMs = LOOK_MS,
): WatchedCertificate {
  const users: ((pair: { cert: string; key: string }) => void)[] = [];
  let seen = stampOf(files);
  let pair = readCertificate(files);
  let isToldOf = "";

  function look(): void {
    const stamp = stampOf(files);
    if (stamp === seen) return;
    try {
      pair = readCertificate(files);
      seen = stamp;
      for (const use of users) use(pair);
      log.info({ file: files.certFile }, "a renewed certificate is used from now on");
    } catch (error) {
      if (isToldOf !== stamp)
        log.warn({ file: files.certFile, error }, "a new certificate does not stand; the old one stays");
      isToldOf = stamp;
    }
  }
  const timer = setInterval(look, lookMs);
  timer.unref();
  return {
    current: () => pair,
    onRenewed: (use) => void users.push(use),
    stop: () => clearInterval(timer),
  };
}

function stampOf({ certFile, keyFile }: CertificateFiles): string {
  return [certFile, keyFile]
    .map((file) => {
      const facts = statSync(file, { throwIfNoEntry: false });
      return facts === undefined ? "-" : `${facts.ino}.${facts.size}.${facts.mtimeMs}`;
    })
    .join();
}
