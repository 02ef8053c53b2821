import { setTimeout as delay } from "node:timers/promises";
import { ask, type Asked, failed, type Network, type Reply, throwUnlessSent } from "../source/exchange.ts";
import { authorizationOf } from "../source/http.ts";
import { ImageError } from "../errors.ts";
import type { Endpoint } from "./endpoints.ts";
import { getToken, readChallenge } from "./token.ts";

/** One registry, one repository, asked as somebody. */
export interface Registry {
  /** Base of the repository: `https://host/v2/name`. */
  readonly base: string;
  /**
   * Asks, getting a token or a new one where the registry wants one, and waiting where it says so.
   *
   * @param accepted statuses beside 200 and 206 that are no errors
   * @throws ImageError
   */
  ask(asked: RegistryAsk, signal: AbortSignal, ...accepted: number[]): Promise<Reply>;
  /** For people: stands in messages. */
  readonly shown: string;
}

export type RegistryAsk = Pick<Asked, "url" | "headers" | "method" | "body">;

/** A registry that is busy is asked again so often, and waited for so long at most. */
const BUSY_TRIES = 5;
const LONGEST_WAIT_MS = 60_000;

export function createRegistry(
  endpoint: Endpoint,
  network: Network,
  { shown, actions = "pull" }: { shown: string; actions?: "pull" | "pull,push" },
): Registry {
  const { origin, repository, credentials, trust } = endpoint;
  const scope = `repository:${repository}:${actions}`;
  let authorization =
    credentials !== undefined && "bearer" in credentials ? authorizationOf(credentials) : undefined;

  async function authenticate(reply: Reply, signal: AbortSignal): Promise<boolean> {
    const challenge = readChallenge(reply.response.headers["www-authenticate"]);
    if (challenge === undefined) return false;
    if (challenge.scheme === "bearer") {
      if (credentials !== undefined && "bearer" in credentials) return false;
      authorization = await getToken(challenge, credentials, { origin, scope, network, trust }, signal);
      return true;
    }
    if (credentials === undefined || !("username" in credentials)) return false;
    authorization = authorizationOf(credentials);
    return true;
  }

  async function askOnce(asked: RegistryAsk, signal: AbortSignal): Promise<Reply> {
    // A place for an upload may be on another host, which gets no credentials of ours.
    const own = asked.url.origin === new URL(origin).origin ? authorization : undefined;
    return ask({ ...network, ...asked, shown, authorization: own, trust }, signal);
  }

  async function askKnown(asked: RegistryAsk, signal: AbortSignal): Promise<Reply> {
    const reply = await askOnce(asked, signal);
    // A redirect's target may answer 401 too; it is not ours to authenticate at.
    if (reply.response.statusCode !== 401 || reply.url.origin !== asked.url.origin) return reply;
    reply.stream.destroy();
    if (isStream(asked.body)) throw new ImageError(`${shown} wants to know us again`, AGAIN);
    if (!(await authenticate(reply, signal))) return reply;
    return askOnce(asked, signal);
  }

  return {
    base: `${origin}/v2/${repository}`,
    shown,
    async ask(asked, signal, ...accepted) {
      for (let tries = 1; ; tries += 1) {
        const reply = await askKnown(asked, signal);
        try {
          throwUnlessSent(reply, shown, ...accepted);
          return reply;
        } catch (error) {
          reply.stream.destroy();
          const { retryAfterMs } = error as ImageError;
          const isBusy = reply.response.statusCode === 429 || reply.response.statusCode === 503;
          const waitMs = retryAfterMs ?? 500 * 2 ** tries;
          if (!isBusy || tries >= BUSY_TRIES || waitMs > LONGEST_WAIT_MS || isStream(asked.body)) throw error;
          await delay(waitMs, undefined, { signal }).catch(() => {
            throw failed(shown, "was too busy for too long", { code: "image-unreachable", retryable: true });
          });
        }
      }
    },
  };
}

const AGAIN = { code: "image-unreachable", retryable: true } as const;

const isStream = (body: RegistryAsk["body"]): boolean =>
  body !== undefined && typeof body !== "string" && !Buffer.isBuffer(body);
