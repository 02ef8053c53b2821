import got, { RequestError } from "got";
import { createSourceRules, ImageError } from "../images/index.ts";
import { WebhookError } from "./errors.ts";

/** What a receiver said. */
export interface Answer {
  /** Null when it said nothing. */
  status: number | null;
  /** Why that is no delivery; null when it is one. */
  error: string | null;
  /** When to ask again, in milliseconds, where the receiver says so. */
  retryAfterMs: number | null;
}

/** The way out to receivers. */
export interface Sender {
  /** @throws WebhookError `webhook-not-allowed` */
  checkUrl(url: string): void;
  post(url: string, headers: Record<string, string>, body: string): Promise<Answer>;
}

const CONNECT_MS = 5_000;
const ANSWER_MS = 15_000;
const LONGEST_WAIT_MS = 24 * 3_600_000;

/**
 * Sends to where image servers may be, and nowhere else: each address that a name leads to is judged when it is reached.
 * Redirects are not followed, since a receiver could lead anywhere.
 *
 * @param allow hosts and CIDRs, as for images
 */
export function createSender(allow: readonly string[]): Sender {
  const rules = createSourceRules(allow);
  const check = (url: string): void => {
    const parsed = URL.parse(url);
    if (parsed === null || !/^https?:$/.test(parsed.protocol))
      throw notAllowed("is not an http or https URL");
    try {
      rules.checkUrl(parsed);
    } catch (cause) {
      if (cause instanceof ImageError) throw notAllowed("leads where webhooks may not go", cause);
      throw cause;
    }
  };
  return {
    checkUrl: check,
    post: async (url, headers, body) => {
      try {
        check(url);
        const response = await got.post(url, {
          headers: {
            "content-type": "application/cloudevents+json; charset=utf-8",
            "user-agent": "trayload",
            ...headers,
          },
          body,
          dnsLookup: rules.lookup,
          timeout: { lookup: CONNECT_MS, connect: CONNECT_MS, secureConnect: CONNECT_MS, request: ANSWER_MS },
          retry: { limit: 0 },
          followRedirect: false,
          throwHttpErrors: false,
        });
        return answerOf(response.statusCode, response.headers["retry-after"]);
      } catch (error) {
        if (!(error instanceof RequestError) && !(error instanceof WebhookError)) throw error;
        return { status: null, error: reasonOf(error), retryAfterMs: null };
      }
    },
  };
}

function answerOf(status: number, retryAfter: string | undefined): Answer {
  if (status >= 200 && status < 300) return { status, error: null, retryAfterMs: null };
  const seconds = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : null;
  const retryAfterMs = seconds === null ? null : Math.min(seconds * 1000, LONGEST_WAIT_MS);
  return { status, error: `it was answered ${status}`, retryAfterMs };
}

/** Without the URL, which the client's messages hold and whose query may be a secret. */
function reasonOf(error: RequestError | WebhookError): string {
  if (error instanceof WebhookError) return error.message;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof ImageError) return "its host leads where webhooks may not go";
  return `it could not be reached (${error.code})`;
}

function notAllowed(what: string, cause?: unknown): WebhookError {
  return new WebhookError(`the webhook's URL ${what}`, {
    code: "webhook-not-allowed",
    field: "url",
    hint: "Add its host or network to TRAYLOAD_WEBHOOK_ALLOW; loopback and link-local ones are opened by a CIDR alone.",
    cause,
  });
}
