import type { TrayloadClient } from "./http.ts";
import type { Operations, Schemas } from "./schema.ts";

type Item = Operations["GET /v1/deployments"]["answer"]["items"][number];

/** The longest that the API holds an answer. */
const HOLD_MS = 60_000;

/**
 * Waits until a deployment has ended, by held answers.
 *
 * @param onChange told of it at every event
 * @throws TrayloadError; what `fetch` throws where no answer came, or the signal was aborted
 */
export async function untilFinal(
  client: TrayloadClient,
  id: string,
  { onChange, signal }: { onChange?: (seen: Schemas["Deployment"]) => void; signal?: AbortSignal } = {},
): Promise<Schemas["Deployment"]> {
  const ask = (query: Operations["GET /v1/deployments/{id}"]["query"]) =>
    client.call("GET /v1/deployments/{id}", { params: { id }, query, ...(signal && { signal }) });
  let seen = await ask({});
  for (;;) {
    onChange?.(seen);
    if (seen.final) return seen;
    const { version } = seen;
    while (seen.version === version) seen = await ask({ waitMs: HOLD_MS, after: version });
  }
}

/** Deployments, newest first, over as many pages as there are. */
export async function* allDeployments(
  client: TrayloadClient,
  query: Operations["GET /v1/deployments"]["query"] = {},
): AsyncGenerator<Item> {
  let cursor = query.cursor;
  do {
    const page = await client.call("GET /v1/deployments", {
      query: { ...query, ...(cursor === undefined ? {} : { cursor }) },
    });
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
