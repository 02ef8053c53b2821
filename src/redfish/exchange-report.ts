import { RedfishError, type RedfishErrorCode } from "./errors.ts";
import type { Exchange, Method } from "./exchange.ts";
import { redactBody, secretsOf, withSecretsOut } from "./redact.ts";

/** One exchange with a BMC as it may be logged and handed out: nothing in it is secret. */
export interface ExchangeReport {
  /** When it began, ISO 8601. */
  at: string;
  /** Scheme, host and port. */
  origin: string;
  method: Method;
  path: string;
  /** Undefined where no answer came. */
  status: number | undefined;
  ms: number;
  requestBody: unknown;
  /** Its JSON or text; of one that is longer than 16 KiB only the size. Undefined where there was none. */
  responseBody: unknown;
  errorCode: RedfishErrorCode | undefined;
  /** As it was sent; absent where it belongs to no trace. */
  traceparent?: string;
}

/** Told of every exchange, repeats too; must not throw. */
export type OnExchange = (report: ExchangeReport) => void;

/** An exchange whose report is under way. */
export interface OpenReport {
  /** Takes the answer's body as it came. */
  hear: (text: string) => void;
  /** Hands the report out. @param outcome the status, or the error that it ended with */
  close: (outcome: unknown) => void;
}

/** A system of the largest recorded trees has 11 KiB; what is longer is a registry or `$metadata`. */
const LONGEST_BODY = 16 * 1024;
const UNHEARD: OpenReport = { hear: () => undefined, close: () => undefined };

export function openReport(
  method: Method,
  url: URL,
  exchange: Exchange,
  onExchange: OnExchange | undefined,
): OpenReport {
  if (onExchange === undefined) return UNHEARD;
  const [at, started] = [new Date().toISOString(), performance.now()];
  const secrets = [...(exchange.secrets ?? []), ...secretsOf(exchange.headers, exchange.json)];
  const { traceparent } = exchange.headers ?? {};
  let responseBody: unknown;
  return {
    hear(text) {
      responseBody = shown(text, secrets);
    },
    close(outcome) {
      const error = outcome instanceof RedfishError ? outcome : undefined;
      onExchange({
        at,
        origin: url.origin,
        method,
        path: url.pathname + url.search,
        status: typeof outcome === "number" ? outcome : error?.status,
        ms: Math.round(performance.now() - started),
        requestBody: redactBody(exchange.json),
        responseBody,
        errorCode: error?.code,
        ...(traceparent === undefined ? {} : { traceparent }),
      });
    },
  };
}

/** BMCs repeat what they were sent, so what the request held must not come back either. */
function shown(text: string, secrets: readonly string[]): unknown {
  if (text.trim() === "") return undefined;
  if (text.length > LONGEST_BODY) return `(${text.length} characters)`;
  try {
    return redactBody(JSON.parse(text), secrets);
  } catch {
    return withSecretsOut(text, secrets);
  }
}
