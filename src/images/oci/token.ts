import * as z from "zod";
import { ask, failed, type Network, readText, throwUnlessSent } from "../source/exchange.ts";
import { authorizationOf } from "../source/http.ts";
import type { Trust } from "../source/agents.ts";
import { showUrl } from "../source/source.ts";
import type { Credentials } from "./credentials.ts";

/** What a registry wants to see before it answers. */
export type Challenge =
  | { scheme: "basic" }
  | { scheme: "bearer"; realm: string; service?: string; scope?: string };

const ANSWER_BYTES = 256 * 1024;

const answer = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Reads `WWW-Authenticate` (RFC 9110, 11.6.1); undefined when it asks for nothing that we know. */
export function readChallenge(header: string | undefined): Challenge | undefined {
  const bearer = /(?:^|,\s*)bearer\s+(.*)$/i.exec(header ?? "")?.[1];
  if (bearer === undefined) return /(?:^|,\s*)basic\b/i.test(header ?? "") ? { scheme: "basic" } : undefined;
  const parts = [...bearer.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  const given = new Map(
    parts.map(([, name = "", value = ""]) => [name.toLowerCase(), value.replaceAll(/\\(.)/g, "$1")]),
  );
  const [realm, service, scope] = ["realm", "service", "scope"].map((name) => given.get(name));
  if (realm === undefined || !URL.canParse(realm)) return undefined;
  return {
    scheme: "bearer",
    realm,
    ...(service === undefined ? {} : { service }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/**
 * Gets a token as the distribution specification's token authentication has it: by GET with Basic credentials or as
 * nobody, or by POST with a refresh token (RFC 6749, 6).
 *
 * @returns an `Authorization`
 * @throws ImageError `image-access-denied`, or as any exchange
 */
export async function getToken(
  challenge: Extract<Challenge, { scheme: "bearer" }>,
  credentials: Credentials | undefined,
  from: { origin: string; scope: string; network: Network; trust: Trust },
  signal: AbortSignal,
): Promise<string> {
  const url = new URL(challenge.realm);
  const shown = showUrl(url);
  const isPlain = url.protocol !== "https:" && new URL(from.origin).protocol === "https:";
  if (isPlain && credentials !== undefined)
    throw failed(shown, "would get credentials without TLS, sent there by a registry with TLS", {
      code: "image-access-denied",
      retryable: false,
    });
  const params = { service: challenge.service ?? "", scope: challenge.scope ?? from.scope };
  const asked = { ...from.network, shown, trust: from.trust };
  const reply =
    credentials !== undefined && "refresh" in credentials
      ? await ask({ ...asked, url, ...refreshing(params, credentials.refresh) }, signal)
      : await ask(
          { ...asked, url: withQuery(url, params), authorization: authorizationOf(credentials) },
          signal,
        );
  try {
    throwUnlessSent(reply, shown);
    const text = (await readText(reply, shown, ANSWER_BYTES)).toString();
    const { token, access_token: accessToken } = answer.parse(JSON.parse(text));
    if (token ?? accessToken) return `Bearer ${token ?? accessToken}`;
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof z.ZodError)) throw error;
  } finally {
    reply.stream.destroy();
  }
  throw failed(shown, "answers without a token", { code: "image-access-denied", retryable: false });
}

function withQuery(url: URL, params: Record<string, string>): URL {
  const asked = new URL(url);
  for (const [name, value] of Object.entries(params)) if (value !== "") asked.searchParams.set(name, value);
  return asked;
}

function refreshing(params: Record<string, string>, refresh: string) {
  const form = new URLSearchParams({
    ...params,
    grant_type: "refresh_token",
    client_id: "trayload",
    refresh_token: refresh,
  });
  return {
    method: "POST" as const,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  };
}
