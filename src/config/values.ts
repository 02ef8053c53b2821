import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIPv4, isIPv6 } from "node:net";
import { resolve } from "node:path";
import { z } from "zod";

/** Where something listens. */
export interface Address {
  /** Undefined for all addresses. */
  host: string | undefined;
  /** 0 for any free one. */
  port: number;
}

/** How each kind of setting is read from its text; the messages say what to write instead. */

export const address = z.string().transform((text, context): Address => {
  const parts = /^(?:\[([^\]]+)\]|([^:\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (parts !== null && port <= 65535 && (parts[1] === undefined || isIPv6(parts[1]))) {
    const host = parts[1] ?? parts[2];
    return { host: host === "" || host === "*" ? undefined : host, port };
  }
  context.addIssue("must be HOST:PORT, such as 127.0.0.1:8080, [::1]:8080, or :8080 for all addresses");
  return z.NEVER;
});

/** A base URL without a trailing slash; whoever makes a path adds one. */
const baseUrl = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    !url.username &&
    !url.password &&
    !url.search &&
    !url.hash
  ) {
    return text.replace(/\/+$/, "");
  }
  context.addIssue(
    "must be http:// or https:// URLs without user, query and fragment, such as http://10.0.0.5:8090",
  );
  return z.NEVER;
});

/** Words between commas; an empty text is an empty list. */
export const list = z.string().transform((text) =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== ""),
);

export const baseUrls = list.pipe(z.array(baseUrl));

/** `host[:port][/path]=URL`: what lies below the first is asked for below the second. */
export const mirrors = list.pipe(
  z.array(
    z.string().transform((text, context): { from: string; to: string } => {
      const [, from = "", to = ""] = /^([a-z0-9][\w.:/-]*[a-z0-9])=(https?:\/\/[^\s?#@]+)$/i.exec(text) ?? [];
      if (URL.canParse(`oci://${from}`) && URL.canParse(to)) return { from, to };
      context.addIssue("must be REGISTRY=URL, such as quay.io=https://mirror.example.org:5000/quay");
      return z.NEVER;
    }),
  ),
);

export const origins = list.pipe(
  z.array(
    z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
      error: "must be origins, such as https://dashboard.example.org",
    }),
  ),
);

/** Addresses and CIDRs. */
export const networks = list.pipe(
  z.array(
    z.string().refine(isNetwork, { error: "must be addresses or CIDRs, such as 10.0.0.5 or 10.0.0.0/8" }),
  ),
);

function isNetwork(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return (
    most > 0 && rest.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))
  );
}

export const bool = z
  .enum(["true", "false", "1", "0"], { error: "must be true or false" })
  .transform((text) => text === "true" || text === "1");

export function whole(least: number, most: number) {
  return z
    .string()
    .regex(/^\d+$/, { error: `must be a whole number from ${least} to ${most}` })
    .transform(Number)
    .pipe(z.number().min(least).max(most));
}

const UNITS: Record<string, number> = { "": 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

export const bytes = z.string().transform((text, context) => {
  const parts = /^(\d+) ?([KMGT]iB)?$/.exec(text);
  const size = Number(parts?.[1]) * UNITS[parts?.[2] ?? ""]!;
  if (parts !== null && Number.isSafeInteger(size) && size > 0) return size;
  context.addIssue("must be a number of bytes, or one with KiB, MiB, GiB or TiB, such as 20GiB");
  return z.NEVER;
});

const AGE_UNITS: Record<string, number> = { h: 3_600_000, d: 86_400_000 };

/** How old something may become, in milliseconds; null for any age. */
export const age = z.string().transform((text, context) => {
  if (text === "forever") return null;
  const parts = /^(\d{1,6})([hd])$/.exec(text);
  const ms = Number(parts?.[1]) * AGE_UNITS[parts?.[2] ?? "h"]!;
  if (parts !== null && ms > 0) return ms;
  context.addIssue("must be a time such as 12h or 90d, or forever");
  return z.NEVER;
});

export const path = z
  .string()
  .min(1, { error: "must name a path" })
  .transform((text) => resolve(text));

/** A URL of one of these schemes. It may hold a password, so no message repeats it. */
export function urlOf(...schemes: string[]) {
  const isOne = (text: string) => URL.canParse(text) && schemes.includes(new URL(text).protocol);
  return z
    .string()
    .refine(isOne, { error: `must be a URL of ${schemes.map((scheme) => `${scheme}//`).join(" or ")}` });
}

export const token = z.string().regex(/^tl_[A-Za-z0-9_-]{32,}$/, {
  error: "must be tl_ and at least 32 of the characters A-Z a-z 0-9 _ -",
});

/** The token that a file holds; the text is the file's path. */
export const tokenFile = path.transform((file, context) => {
  try {
    const parsed = token.safeParse(readFileSync(file, "utf8").trim());
    if (parsed.success) return parsed.data;
    context.addIssue(`names ${file}, whose content ${parsed.error.issues[0]!.message}`);
  } catch (error) {
    context.addIssue(`names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return z.NEVER;
});

/** Certificates that a file holds, as PEM; the text is the file's path. */
/** What a file holds; the text is the file's path. */
export const fileText = path.transform((file, context) => {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    context.addIssue(`names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return z.NEVER;
  }
});

export const certificates = path.transform((file, context) => {
  try {
    const pem = readFileSync(file, "utf8");
    if (new X509Certificate(pem).raw.length > 0) return pem;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    context.addIssue(`names ${file}, which does not hold certificates in PEM (${code ?? message})`);
  }
  return z.NEVER;
});

export function isLoopback(host: string | undefined): boolean {
  if (host === undefined) return false;
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
