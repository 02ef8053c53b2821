import { constants, inflateRawSync } from "node:zlib";

/** The ways in which a secret may stand somewhere without being plain to see. */
export function formsOf(secret: string): Map<string, Buffer> {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const texts: [string, string][] = [
    ["plain", secret],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    ["URL-encoded", encodeURIComponent(secret)],
    ["URL-encoded, each byte", hex.replaceAll(/../g, (pair) => `%${pair}`)],
    ["hex", hex],
    ["hex in capitals", hex.toUpperCase()],
    ...[0, 1, 2].flatMap((offset): [string, string][] => {
      const text = base64At(bytes, offset);
      const urlSafe = text.replaceAll("+", "-").replaceAll("/", "_");
      return [
        [`base64 at ${offset}`, text],
        [`base64url at ${offset}`, urlSafe],
      ];
    }),
  ];
  return new Map(texts.map(([form, text]) => [form, Buffer.from(text)]));
}

/** What base64 makes of the secret when `offset` other bytes stand before it: only the characters it alone decides. */
function base64At(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const from = Math.ceil((offset * 8) / 6);
  const to = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(from, to);
}

/** Seeks a secret in bytes, and in everything within them that unpacks as gzip. @returns the forms found */
export function findSecret(haystack: Buffer, secret: string): string[] {
  const found = [...formsOf(secret)].filter(([, form]) => haystack.includes(form)).map(([form]) => form);
  const packed = unpackAll(haystack).flatMap((inner) =>
    findSecret(inner, secret).map((form) => `${form}, in gzip`),
  );
  return [...found, ...packed];
}

/** RFC 1952: how a member with neither name nor comment begins, which is how programs write them. */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08, 0x00]);
const HEADER_BYTES = 10;

function unpackAll(haystack: Buffer): Buffer[] {
  const unpacked: Buffer[] = [];
  for (let at = haystack.indexOf(GZIP); at >= 0; at = haystack.indexOf(GZIP, at + 1)) {
    try {
      // The raw stream knows its own end, so that whatever follows the member is not in the way.
      const rest = haystack.subarray(at + HEADER_BYTES);
      unpacked.push(inflateRawSync(rest, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 24 }));
    } catch {
      // Four bytes that only look like a beginning.
    }
  }
  return unpacked;
}
