/** What one check of a preflight found. */
export interface Finding {
  /** The check's name, stable and in kebab-case: `log-in`, `boot-targets`. */
  check: string;
  /** `skip`: it could not be done; `detail` says why. */
  outcome: "pass" | "warn" | "fail" | "skip";
  detail: string;
  /** What a person can do; undefined where nothing is to be done. */
  hint: string | undefined;
  /** Of the certificate that the BMC offered, in the check of TLS: `sha256:` and 64 hex digits, as a pin takes it. */
  fingerprint?: string | undefined;
}
