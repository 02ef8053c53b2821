export const ADMIN_TOKEN = "tl_the-kill-loops-own-token-0123456789abcdef";

export interface Reply {
  status: number;
  // The tests read what they know to be there.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/** The API of a server that may die at any moment. */
export interface Api {
  /** Base URL; changed when a server is started again. */
  url: string;
  call(method: string, path: string, body?: unknown): Promise<Reply>;
  /** @returns undefined when nobody answered, or one that is about to end */
  tryTo(method: string, path: string, body?: unknown): Promise<Reply | undefined>;
  /** Asks again until there is an answer. The suite's own limit ends it. */
  patiently<T>(ask: () => Promise<T | undefined>): Promise<T>;
}

export function createApi(): Api {
  const api: Api = {
    url: "",
    async call(method, path, body) {
      const response = await fetch(`${api.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    async tryTo(...given) {
      const reply = await api.call(...given).catch(() => undefined);
      return reply?.body.code === "shutting-down" ? undefined : reply;
    },
    async patiently(ask) {
      for (;;) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        await new Promise((resume) => setTimeout(resume, 50));
      }
    },
  };
  return api;
}
