import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** What a test makes of the ID token that a provider would give. */
export interface Given {
  claims: Record<string, unknown>;
  header: { alg: string; kid: string };
  key: CryptoKey | Uint8Array;
}

export const CLIENT = { id: "trayload", secret: "provider-secret & more:" };

interface Asked {
  nonce: string;
  redirectUri: string;
  challenge: string;
}

/** A provider of log-ins on loopback, which lets everybody in at once. */
export interface OidcProvider {
  issuer: string;
  /** Of who logs in, beside those that every ID token has. */
  person: Record<string, unknown>;
  /** Changes ID tokens before they are signed; or makes one by itself. */
  tamper: (given: Given) => Given | string | Promise<Given>;
  /** What is added to where the browser is sent back to. */
  sendBack: (query: URLSearchParams) => void;
  /** Shows a page with a link back, for people, rather than sending the browser back at once. */
  asksPeople: boolean;
  /** Which requests it had. */
  paths: string[];
  /** Status of every answer, where it is out of order. */
  brokenStatus: number | undefined;
  /** From now on signs with another key, of another name. */
  rotate(): Promise<void>;
  /** The public half of its key. */
  publicKey(): JWK;
  close(): Promise<void>;
}

/** @param host as browsers know it */
export async function startOidcProvider(host = "127.0.0.1"): Promise<OidcProvider> {
  let keys = await newKeys("key-1");
  const codes = new Map<string, Asked>();
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://${host}:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, issuer);
    provider.paths.push(url.pathname);
    if (provider.brokenStatus !== undefined) return void response.writeHead(provider.brokenStatus).end();
    if (url.pathname === "/authorize") return authorize(url.searchParams, response);
    const [status, body] = await answerTo(url.pathname, request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    const code = randomBytes(8).toString("hex");
    const redirectUri = query.get("redirect_uri")!;
    codes.set(code, { nonce: query.get("nonce")!, redirectUri, challenge: query.get("code_challenge")! });
    const back = new URL(redirectUri);
    back.searchParams.set("code", code);
    back.searchParams.set("state", query.get("state")!);
    provider.sendBack(back.searchParams);
    if (!provider.asksPeople) return void response.writeHead(302, { location: back.href }).end();
    const link = `<a href="${back.href.replaceAll("&", "&amp;")}">Yes, that is me</a>`;
    response
      .writeHead(200, { "content-type": "text/html" })
      .end(`<!doctype html><title>Provider</title>${link}`);
  }

  async function answerTo(path: string, request: IncomingMessage): Promise<[number, unknown]> {
    const endpoints = { authorization_endpoint: "/authorize", token_endpoint: "/token", jwks_uri: "/keys" };
    const urls = Object.entries(endpoints).map(([name, at]) => [name, `${issuer}${at}`]);
    if (path === "/.well-known/openid-configuration") return [200, { issuer, ...Object.fromEntries(urls) }];
    if (path === "/keys") return [200, { keys: [keys.jwk] }];
    return redeem(new URLSearchParams(await text(request)), request.headers.authorization);
  }

  async function redeem(
    form: URLSearchParams,
    authorization: string | undefined,
  ): Promise<[number, unknown]> {
    const pair = [CLIENT.id, CLIENT.secret].map((one) => encodeURIComponent(one).replaceAll("%20", "+"));
    const basic = `Basic ${Buffer.from(pair.join(":")).toString("base64")}`;
    if (authorization !== basic) return [401, { error: "invalid_client" }];
    const asked = codes.get(form.get("code")!);
    codes.delete(form.get("code")!);
    const challenge = createHash("sha256").update(form.get("code_verifier")!).digest("base64url");
    const isRight = asked?.challenge === challenge && asked.redirectUri === form.get("redirect_uri");
    if (asked === undefined || !isRight) return [400, { error: "invalid_grant" }];
    return [200, { token_type: "Bearer", access_token: "unused", id_token: await sign(asked.nonce) }];
  }

  async function sign(nonce: string): Promise<string> {
    const nowS = Math.floor(Date.now() / 1000);
    const times = { iat: nowS, exp: nowS + 300 };
    const given = await provider.tamper({
      claims: { iss: issuer, aud: CLIENT.id, sub: "u-1", nonce, ...times, ...provider.person },
      header: { alg: "RS256", kid: keys.jwk.kid! },
      key: keys.secret,
    });
    if (typeof given === "string") return given;
    return new SignJWT(given.claims).setProtectedHeader(given.header).sign(given.key);
  }

  const provider: OidcProvider = {
    issuer,
    person: {},
    tamper: (given) => given,
    sendBack: () => undefined,
    asksPeople: false,
    paths: [],
    brokenStatus: undefined,
    rotate: async () => {
      keys = await newKeys("key-2");
    },
    publicKey: () => keys.jwk,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return provider;
}

async function newKeys(kid: string): Promise<{ secret: CryptoKey; jwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  return { secret: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" } };
}
