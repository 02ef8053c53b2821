import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isSame } from "../access/tokens.ts";
import { Problem } from "../problem.ts";
import { createErrands } from "./errand.ts";
import { judgeIdToken } from "./judge.ts";
import { type Person, personOf } from "./person.ts";
import { createProvider } from "./provider.ts";
import type { OidcSettings } from "./settings.ts";

/** Log-ins by way of a provider: the authorization code flow of OpenID Connect, with PKCE. */
export interface OidcLogIn {
  /** What the button of the log-in page names. */
  label: string;
  isSecure: boolean;
  /** @returns where the browser has to go, and for its `Set-Cookie`. @throws Problem `log-in-unavailable` */
  begin(): Promise<{ url: string; cookie: string }>;
  /**
   * Judges what a browser came back with.
   *
   * @throws Problem `log-in-stale` when it is not the browser that went, or took too long; `log-in-refused`,
   *   `log-in-unavailable`
   */
  end(query: CameBack, headers: Pick<IncomingHttpHeaders, "cookie">): Promise<Person>;
  /** For `Set-Cookie`, at every end. */
  forget(): string;
}

/** RFC 6749, section 4.1.2, and RFC 9207 for `iss`. */
export interface CameBack {
  code?: string;
  state?: string;
  error?: string;
  iss?: string;
}

interface LogInParts {
  settings: OidcSettings;
  adminToken: string;
  clock: () => number;
  /** For tests. */
  keysCooldownMs?: number;
}

export function createOidcLogIn(parts: LogInParts): OidcLogIn {
  const { settings, clock } = parts;
  const { issuer, clientId, redirectUrl, scopes, label } = settings;
  const isSecure = redirectUrl.startsWith("https:");
  const provider = createProvider(parts);
  const errands = createErrands({ ...parts, isSecure });
  return {
    label,
    isSecure,
    begin: async () => {
      const { authorizationUrl } = await provider.describe();
      const { errand, cookie } = errands.begin();
      const url = new URL(authorizationUrl);
      const asked = {
        response_type: "code",
        client_id: clientId,
        redirect_uri: redirectUrl,
        scope: scopes.join(" "),
        state: errand.state,
        nonce: errand.nonce,
        code_challenge: createHash("sha256").update(errand.verifier).digest("base64url"),
        code_challenge_method: "S256",
      };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      return { url: url.href, cookie };
    },
    end: async ({ code, state = "", error, iss = issuer }, headers) => {
      const errand = errands.read(headers);
      if (errand === undefined || !isSame(errand.state, state)) throw stale();
      if (iss !== issuer) throw new Problem("log-in-refused", "The answer is of another provider.");
      if (code === undefined) {
        const why = /^[\w .-]{1,100}$/.test(error ?? "") ? error : "without a reason";
        throw new Problem("log-in-refused", `The provider refused the log-in: ${why}.`);
      }
      const token = await provider.redeem(code, errand.verifier);
      const expected = { issuer, clientId, nonce: errand.nonce, nowMs: clock() };
      return personOf(settings, await judgeIdToken(token, await provider.describe(), expected));
    },
    forget: () => errands.forget(),
  };
}

function stale(): Problem {
  return new Problem(
    "log-in-stale",
    "This browser has not begun this log-in, or took more than ten minutes.",
    {
      hint: "Begin anew at the log-in page.",
    },
  );
}
