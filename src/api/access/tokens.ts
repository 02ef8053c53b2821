import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { ulid } from "ulid";
import type { StoredToken, TokenStore } from "../ports.ts";
import { Problem } from "../problem.ts";
import type { Role } from "./roles.ts";

/** Who makes a request. */
export interface Caller {
  /** Of the token, never the token itself. */
  tokenId: string;
  name: string;
  role: Role;
  /** Labels that a node must carry for this caller to see it; none for all nodes. */
  scope: Readonly<Record<string, string>>;
  /** Milliseconds since 1970; null for no end. */
  untilMs: number | null;
}

/** A caller with what binds its sessions to its token. */
export interface Identity {
  caller: Caller;
  tokenHash: string;
}

export interface NewToken {
  name: string;
  role: Role;
  scope: Record<string, string>;
  expiresAtMs: number | null;
}

/** Somebody whom others vouch for. */
export interface KnownPerson {
  /** The same at every log-in. */
  id: string;
  /** As no token that was made here can be called. */
  name: string;
  role: Role;
  scope: Readonly<Record<string, string>>;
}

export interface Tokens {
  /** @returns who shows this token; undefined for one that is unknown, revoked or past its end */
  identify(presented: string): Promise<Identity | undefined>;
  /** @returns the same for a token that was shown before */
  byId(id: string): Promise<Identity | undefined>;
  /** @returns the token, which is told this once, and its record. @throws Problem `token-name-in-use` */
  create(wanted: NewToken, by: string): Promise<{ secret: string; token: StoredToken }>;
  list(): Promise<StoredToken[]>;
  /**
   * Lets somebody in whom a provider knows, as what they are now: whoever was let in as them before gets that, too. What
   * stands for them is a token that nobody knows.
   */
  logIn(person: KnownPerson, forMs: number): Promise<Caller>;
  /** @throws Problem `token-not-found` */
  revoke(idOrName: string): Promise<StoredToken>;
}

/** The first admin token's id and name: it stands in a file or setting, and only a new one there ends it. */
export const ADMIN_ID = "admin";
/** How exactly the last use is known; a write for each request would cost more than it tells. */
const USE_NOTED_MS = 60_000;

interface TokensParts {
  store: TokenStore;
  adminToken: string;
  clock: () => number;
  onError: (error: unknown) => void;
}

export function createTokens({ store, adminToken, clock, onError }: TokensParts): Tokens {
  const adminHash = hashOf(adminToken);
  const noted = new Map<string, number>();
  const noteUse = (id: string) => {
    const nowMs = clock();
    if (nowMs - (noted.get(id) ?? -USE_NOTED_MS) < USE_NOTED_MS) return;
    noted.set(id, nowMs);
    void store.used(id, nowMs).catch(onError);
  };
  const live = (token: StoredToken | undefined): Identity | undefined => {
    if (token === undefined || token.revokedAtMs !== null) return undefined;
    if (token.expiresAtMs !== null && token.expiresAtMs <= clock()) return undefined;
    noteUse(token.id);
    return identityOf(token);
  };
  return {
    identify: async (presented) => {
      const hash = hashOf(presented);
      if (isSame(hash, adminHash)) return adminIdentity(adminHash);
      // What is compared here is a hash, of which whoever guesses can choose no part: time tells nothing of the token.
      return live(await store.find(hash));
    },
    byId: async (id) => (id === ADMIN_ID ? adminIdentity(adminHash) : live(await store.get(id))),
    create: async (wanted, by) => {
      const secret = `tl_${randomBytes(32).toString("base64url")}`;
      const token = newToken(wanted, by, hashOf(secret), clock());
      if (token.name !== ADMIN_ID && (await store.insert(token))) return { secret, token };
      throw new Problem("token-name-in-use", `There is a token named ${wanted.name} already.`, {
        hint: "Choose another name, or revoke that one first.",
      });
    },
    logIn: async (person, forMs) => {
      const untilMs = clock() + forMs;
      const wanted = {
        name: person.name,
        role: person.role,
        scope: { ...person.scope },
        expiresAtMs: untilMs,
      };
      const token = newToken(wanted, "oidc", hashOf(randomBytes(32).toString("hex")), clock());
      return identityOf(await store.renew({ ...token, id: person.id })).caller;
    },
    list: () => store.list(),
    revoke: async (idOrName) => {
      const token = await store.revoke(idOrName, clock());
      if (token !== undefined) return token;
      throw new Problem("token-not-found", `There is no token ${idOrName} that could be revoked.`, {
        hint:
          idOrName === ADMIN_ID
            ? "The first admin token is changed in its file or setting, with a restart."
            : "GET /v1/tokens lists those that there are.",
      });
    },
  };
}

/** Tokens are 256 random bits, which no list of guesses holds: a plain hash keeps them as well as a slow one. */
export function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Takes the same time wherever two texts differ. */
export function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function newToken(wanted: NewToken, by: string, hash: string, nowMs: number): StoredToken {
  const unused = { lastUsedAtMs: null, revokedAtMs: null };
  return { id: `tok_${ulid(nowMs)}`, ...wanted, hash, createdAtMs: nowMs, createdBy: by, ...unused };
}

function adminIdentity(tokenHash: string): Identity {
  const caller = { tokenId: ADMIN_ID, name: ADMIN_ID, role: "admin", scope: {}, untilMs: null } as const;
  return { caller, tokenHash };
}

function identityOf({ id, name, role, scope, expiresAtMs, hash }: StoredToken): Identity {
  return { caller: { tokenId: id, name, role, scope, untilMs: expiresAtMs }, tokenHash: hash };
}
