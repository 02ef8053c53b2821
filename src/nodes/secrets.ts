import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { NodeError } from "./errors.ts";
import type { MasterKey } from "./master-key.ts";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keeps texts unreadable at rest. */
export interface SecretBox {
  /**
   * Seals a text under the first key, for one place alone: `boundTo` is a record's id, with a purpose where it has several
   * texts, and must be given again to open it.
   *
   * @returns `v1.<key id>.<base64url of nonce, ciphertext and tag>`
   */
  seal(plain: string, boundTo: string): string;
  /** @throws NodeError `secret-unreadable` */
  open(sealed: string, boundTo: string): string;
  /**
   * 32 bytes for a purpose, always the same: of the oldest key, so that they stay when a new key is put before it and
   * change only when the old one is taken away.
   */
  derive(purpose: string): Buffer;
}

/** The first key seals, all open. Master keys are not used themselves: each use has a key of its own (RFC 5869). */
export function createSecretBox(keys: readonly [MasterKey, ...MasterKey[]]): SecretBox {
  const sealing = new Map(keys.map(({ id, bytes }) => [id, keyFor(bytes, "seal")]));
  const deriving = keyFor(keys.at(-1)!.bytes, "derive");
  const { id: first } = keys[0];
  return {
    seal(plain, boundTo) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, sealing.get(first)!, nonce).setAAD(Buffer.from(boundTo));
      const sealed = Buffer.concat([
        nonce,
        cipher.update(plain, "utf8"),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      return `v1.${first}.${sealed.toString("base64url")}`;
    },
    open(sealed, boundTo) {
      const [version, keyId = "", text = ""] = sealed.split(".");
      const key = version === "v1" ? sealing.get(keyId) : undefined;
      if (key === undefined)
        throw unreadable(boundTo, `it was sealed under the key ${keyId}, which is not there`);
      try {
        return decipher(key, Buffer.from(text, "base64url"), boundTo);
      } catch (cause) {
        throw unreadable(boundTo, "it is damaged, or was sealed for another record", cause);
      }
    },
    derive: (purpose) => createHmac("sha256", deriving).update(purpose).digest(),
  };
}

function keyFor(bytes: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", bytes, "", `trayload ${purpose}`, 32));
}

function decipher(key: Buffer, sealed: Buffer, boundTo: string): string {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const opened = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  opened.setAAD(Buffer.from(boundTo)).setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([opened.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), opened.final()]).toString(
    "utf8",
  );
}

function unreadable(boundTo: string, why: string, cause?: unknown): NodeError {
  return new NodeError(`the secret of ${boundTo} could not be opened: ${why}`, {
    code: "secret-unreadable",
    hint: "Put the key that sealed it back into the master key file, or enter the secret again.",
    cause,
  });
}
