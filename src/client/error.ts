import type { Schemas } from "./schema.ts";

type Problem = Partial<Schemas["Problem"]>;

/** A refusal of the API, in its own words (RFC 9457). */
export class TrayloadError extends Error {
  override readonly name = "TrayloadError";
  readonly status: number;
  /** As the description lists them; `unknown` where something else than the API answered. */
  readonly code: Schemas["ErrorCode"] | "unknown";
  readonly hint: string | undefined;
  /** Everything that was answered: fields at fault, what is in the way. */
  readonly problem: Problem;
  /** After how long asking again may help; undefined where the server did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, status: number, problem: Problem, retryAfterMs: number | undefined) {
    super(message);
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.hint = problem.hint;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  /** @param name of the request */
  static async of(name: string, response: Response): Promise<TrayloadError> {
    const isProblem = /\bjson\b/.test(response.headers.get("content-type") ?? "");
    const problem = (isProblem ? await response.json().catch(() => ({})) : {}) as Problem;
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const said = problem.detail ?? problem.title ?? "without a word that could be read";
    const message = `${name} was answered ${response.status}: ${said}`;
    return new TrayloadError(
      message,
      response.status,
      problem,
      Number.isNaN(seconds) ? undefined : seconds * 1000,
    );
  }
}
