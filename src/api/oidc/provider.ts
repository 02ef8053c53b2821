import got from "got";
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import * as z from "zod";
import { Problem } from "../problem.ts";
import { type ProviderDocument, readDocument } from "./document.ts";
import type { OidcSettings } from "./settings.ts";

/** The provider, as far as it is asked over the network. */
export interface Provider {
  /** @throws Problem `log-in-unavailable` */
  describe(): Promise<Described>;
  /**
   * Gives a code for an ID token, which nobody has judged yet.
   *
   * @throws Problem `log-in-refused` when the provider does not take the code, `log-in-unavailable`
   */
  redeem(code: string, verifier: string): Promise<string>;
}

/** What the provider says of itself (OpenID Connect Discovery 1.0, section 3), and its keys, which change. */
export interface Described {
  authorizationUrl: string;
  keys: JWTVerifyGetKey;
}

const TIMEOUT_MS = 10_000;
const DESCRIBED_FOR_MS = 3_600_000;
/** Keys are asked for again when a token names one that is not known; no more often than this. */
const KEYS_COOLDOWN_MS = 30_000;

interface ProviderParts {
  settings: OidcSettings;
  clock: () => number;
  /** For tests. */
  keysCooldownMs?: number;
}

export function createProvider({ settings, clock, keysCooldownMs }: ProviderParts): Provider {
  const { issuer, ca } = settings;
  const ask = got.extend({
    timeout: { request: TIMEOUT_MS },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    ...(ca === undefined ? {} : { https: { certificateAuthority: ca } }),
  });
  let known: { described: Promise<Described & { document: ProviderDocument }>; untilMs: number } | undefined;

  const read = async () => {
    const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const document = readDocument(issuer, await textOf(ask.get(url), url));
    const keys = createRemoteJWKSet(new URL(document.jwks_uri), {
      cooldownDuration: keysCooldownMs ?? KEYS_COOLDOWN_MS,
      timeoutDuration: TIMEOUT_MS,
      [customFetch]: async (from) => new Response(await textOf(ask.get(from), from)),
    });
    return { document, authorizationUrl: document.authorization_endpoint, keys };
  };
  const describe = async () => {
    if (known === undefined || known.untilMs <= clock())
      known = { described: read(), untilMs: clock() + DESCRIBED_FOR_MS };
    const { described } = known;
    return described.catch((error: unknown) => {
      known = undefined;
      throw unavailable(error);
    });
  };

  return {
    describe,
    redeem: async (code, verifier) => {
      const { document } = await describe();
      const { redirectUrl: redirect_uri, clientId: client_id } = settings;
      const form = {
        grant_type: "authorization_code",
        code,
        redirect_uri,
        client_id,
        code_verifier: verifier,
      };
      const proof = proofOf(settings, document);
      const asked = ask.post(document.token_endpoint, {
        headers: { accept: "application/json", ...proof.headers },
        form: { ...form, ...proof.form },
      });
      const { statusCode, body } = await asked.catch((error: unknown) => {
        throw unavailable(error);
      });
      if (statusCode >= 500) throw unavailable(new Error(`the token endpoint answered ${statusCode}`));
      const answer = TOKEN_ANSWER.safeParse(parseJson(body)).data;
      if (statusCode === 200 && answer?.id_token !== undefined) return answer.id_token;
      const why = answer?.error ?? `${statusCode} without an ID token`;
      throw new Problem("log-in-refused", `The provider did not take its code back: ${why.slice(0, 100)}.`);
    },
  };
}

const TOKEN_ANSWER = z.object({ id_token: z.string().optional(), error: z.string().optional() });

/** How the client proves that it is itself (RFC 6749, section 2.3.1): by Basic unless the provider takes only the form. */
function proofOf(
  { clientId, clientSecret }: OidcSettings,
  { token_endpoint_auth_methods_supported: methods }: ProviderDocument,
): { headers?: { authorization: string }; form?: { client_secret: string } } {
  if (clientSecret === undefined) return {};
  const takesBasic = methods === undefined || methods.includes("client_secret_basic");
  if (!takesBasic) return { form: { client_secret: clientSecret } };
  const encode = (text: string) => new URLSearchParams([["", text]]).toString().slice(1);
  const pair = `${encode(clientId)}:${encode(clientSecret)}`;
  return { headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` } };
}

/** @throws Error for any answer but 200 */
async function textOf(asked: Promise<{ statusCode: number; body: string }>, url: string): Promise<string> {
  const { statusCode, body } = await asked;
  if (statusCode === 200) return body;
  throw new Error(`${url} answered ${statusCode}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unavailable(error: unknown): Problem {
  return new Problem(
    "log-in-unavailable",
    `The provider of log-ins cannot be asked: ${(error as Error).message}.`,
    {
      hint: "Tokens let in meanwhile.",
    },
  );
}
