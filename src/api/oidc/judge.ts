import { errors, type JWTPayload, jwtVerify } from "jose";
import { isSame } from "../access/tokens.ts";
import { Problem } from "../problem.ts";
import type { Claims } from "./person.ts";
import type { Described } from "./provider.ts";

/** By keys that the provider alone has. Those that would need the client's secret, and none at all, are not taken. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
/** How far the provider's clock may be off. */
const TOLERANCE_S = 60;
/** It is judged at once when it was made. */
const OLDEST_S = 600;

interface Expected {
  issuer: string;
  clientId: string;
  nonce: string;
  nowMs: number;
}

/**
 * Judges an ID token as OpenID Connect Core 1.0 wants it, section 3.1.3.7.
 *
 * @throws Problem `log-in-refused` when it is forged, another's, for another, old, or of another log-in;
 *   `log-in-unavailable` when the keys cannot be had
 */
export async function judgeIdToken(
  token: string,
  { keys }: Pick<Described, "keys">,
  { issuer, clientId, nonce, nowMs }: Expected,
): Promise<Claims> {
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience: clientId,
    algorithms: ALGORITHMS,
    clockTolerance: TOLERANCE_S,
    maxTokenAge: OLDEST_S,
    requiredClaims: ["exp", "iat", "sub"],
    currentDate: new Date(nowMs),
  }).catch((error: unknown) => {
    throw isOfToken(error) ? refused((error as Error).message) : unavailable(error);
  });
  if (!isForUs(payload, clientId)) throw refused("it was made for another client");
  if (typeof payload["nonce"] !== "string" || !isSame(payload["nonce"], nonce))
    throw refused("it was made for another log-in");
  return payload as JWTPayload & { sub: string };
}

/** `azp` is whom it was made for; where there are several audiences it must be there. */
function isForUs({ aud, azp }: JWTPayload, clientId: string): boolean {
  if (azp !== undefined) return azp === clientId;
  return !Array.isArray(aud) || aud.length === 1;
}

/** All else that jose throws is of the keys' server. */
function isOfToken(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false;
  return error instanceof errors.JOSEError && error.code !== "ERR_JOSE_GENERIC";
}

function refused(why: string): Problem {
  return new Problem("log-in-refused", `The provider's ID token does not stand: ${why}.`);
}

function unavailable(error: unknown): Problem {
  return new Problem("log-in-unavailable", `The provider's keys cannot be had: ${(error as Error).message}.`);
}
