import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { NodeError } from "./errors.ts";
import type { MasterKeys } from "./master-key.ts";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What the keys are for, by their ids. */
export interface KeyIds {
  seals: string;
  derives: string;
  /** Those that do not wait for their turn; the newest first. */
  opens: readonly string[];
  all: readonly string[];
}

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
  readonly ids: KeyIds;
  /** Takes other keys from now on. */
  renew(keys: MasterKeys): void;
}

/**
 * The first key seals, all open. Master keys are not used themselves: each use has a key of its own (RFC 5869).
 *
 * @param onUnknown called when something was sealed under a key that is not there, which may have come by now: then it calls
 *   `renew`
 */
export function createSecretBox(keys: MasterKeys, onUnknown: () => void = () => undefined): SecretBox {
  let { sealing, deriving, ids } = prepare(keys);
  return {
    get ids() {
      return ids;
    },
    renew: (others) => void ({ sealing, deriving, ids } = prepare(others)),
    seal(plain, boundTo) {
      const first = ids.seals;
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
      if (version === "v1" && !sealing.has(keyId)) onUnknown();
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

function prepare(keys: MasterKeys) {
  const own = keys.filter(({ isNext }) => isNext !== true);
  const [first, last] = [own[0]!, own.at(-1)!];
  return {
    sealing: new Map(keys.map(({ id, bytes }) => [id, keyFor(bytes, "seal")])),
    deriving: keyFor(last.bytes, "derive"),
    ids: { seals: first.id, derives: last.id, opens: own.map(({ id }) => id), all: keys.map(({ id }) => id) },
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
