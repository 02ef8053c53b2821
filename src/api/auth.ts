import { createHash, timingSafeEqual } from "node:crypto";
import { Problem } from "./problem.ts";

/** Who makes a request. Roles come with more tokens than one. */
export interface Caller {
  /** Names the token, never the token itself. */
  tokenId: string;
}

export interface Auth {
  /** @throws Problem `unauthorized` */
  check(authorization: string | undefined): Caller;
}

/**
 * Judges `Authorization: Bearer …` against the first admin token. Hashes are compared, in constant time, so that neither
 * the length nor a prefix of the token can be learned from the time an answer takes.
 */
export function createAuth(adminToken: string): Auth {
  const expected = hash(adminToken);
  return {
    check: (authorization) => {
      const presented = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? "")?.[1];
      if (presented !== undefined && timingSafeEqual(hash(presented), expected)) return { tokenId: "admin" };
      const isAbsent = authorization === undefined || authorization === "";
      const said = isAbsent ? "No token was sent" : "The token that was sent is not valid";
      throw new Problem("unauthorized", `${said}.`, {
        hint: "Send `Authorization: Bearer tl_…`; the first token stands in the data directory's admin-token file.",
        headers: {
          "www-authenticate": `Bearer realm="trayload"${isAbsent ? "" : ', error="invalid_token"'}`,
        },
      });
    },
  };
}

function hash(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
