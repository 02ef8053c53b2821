import type { StoredToken, TokenStore } from "../../src/api/index.ts";

/** Tokens in memory; `kept` is what a database would hold. */
export function createMemoryTokens(): TokenStore & { kept: StoredToken[] } {
  const kept: StoredToken[] = [];
  const isLive = ({ revokedAtMs }: StoredToken) => revokedAtMs === null;
  return {
    kept,
    insert: async (token) => {
      if (kept.some((other) => isLive(other) && other.name === token.name)) return false;
      kept.push(token);
      return true;
    },
    renew: async (token) => {
      const before = kept.findIndex(({ id }) => id === token.id);
      const old = kept[before];
      const holds = old !== undefined && isLive(old) && (old.expiresAtMs ?? 0) > token.createdAtMs;
      const now = { ...token, hash: holds ? old.hash : token.hash };
      kept.splice(before < 0 ? kept.length : before, 1, now);
      return now;
    },
    find: async (hash) => kept.find((token) => token.hash === hash),
    get: async (id) => kept.find((token) => token.id === id),
    list: async () => kept.filter(isLive),
    revoke: async (idOrName, atMs) => {
      const found = kept.find((token) => isLive(token) && [token.id, token.name].includes(idOrName));
      if (found !== undefined) found.revokedAtMs = atMs;
      return found;
    },
    used: async (id, atMs) => {
      kept.find((token) => token.id === id)!.lastUsedAtMs = atMs;
    },
  };
}
