import { isObject } from "./json.ts";

const HIDDEN = "…";
const SECRET_NAME = /pass|token|secret|authorization|credential|community/i;
const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>,;)\]}]+/gi;

/**
 * Cuts a URL down to what tells a reader which file is meant: scheme, host and the last part of its path. The rest of a
 * disc's path is its secret, and an operator's image URL may hold a user and a signed query.
 */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return HIDDEN;
  const { protocol, host, pathname, search } = new URL(url);
  const parts = pathname.split("/").filter(Boolean);
  const path = parts.length > 1 ? `/${HIDDEN}/${parts.at(-1)}` : pathname;
  return `${protocol}//${host}${path}${search === "" ? "" : `?${HIDDEN}`}`;
}

/** Takes these secrets, and what is secret in any URL, out of a text that a BMC sent. */
export function withSecretsOut(text: string, secrets: readonly string[] = []): string {
  const cut = secrets.reduce(
    (left, secret) => (secret === "" ? left : left.replaceAll(secret, HIDDEN)),
    text,
  );
  // Nearly all that a BMC says is no URL, and seeking one in every word costs more than all else here.
  return cut.includes("://") ? cut.replaceAll(URL_IN_TEXT, redactUrl) : cut;
}

/** A copy of a JSON body in which secrets are hidden by their names and values, and URLs cut down. */
export function redactBody(body: unknown, secrets: readonly string[] = []): unknown {
  if (typeof body === "string") return withSecretsOut(body, secrets);
  if (Array.isArray(body)) return body.map((item) => redactBody(item, secrets));
  if (!isObject(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      SECRET_NAME.test(name) && value !== null ? HIDDEN : redactBody(value, secrets),
    ]),
  );
}

/** What a request holds that must not come back in an error: header values and secret properties of its body. */
export function secretsOf(headers: Record<string, string> = {}, json?: unknown): string[] {
  const inHeaders = Object.entries(headers).filter(([name]) => SECRET_NAME.test(name));
  const inBody = isObject(json) ? Object.entries(json).filter(([name]) => SECRET_NAME.test(name)) : [];
  const values = [...inHeaders, ...inBody].map(([, value]) => value);
  // A secret of three letters would tear holes into every word.
  return values.filter((value): value is string => typeof value === "string" && value.length > 3);
}
