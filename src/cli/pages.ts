import type { Page } from "../client/index.ts";
import type { ApiClient } from "./client.ts";

const PAGE = 500;

/**
 * Reads a list page by page.
 *
 * @param limit at most so many items; all unless told
 * @returns all items as one page, with a cursor where there are more
 */
export async function readPages<T>(
  client: ApiClient,
  path: string,
  query: [string, string][],
  limit = Number.POSITIVE_INFINITY,
): Promise<Page<T>> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const search = new URLSearchParams([...query, ["limit", String(Math.min(PAGE, limit - items.length))]]);
    if (cursor !== null) search.set("cursor", cursor);
    const { body }: { body: Page<T> } = await client.call<Page<T>>("GET", `${path}?${search.toString()}`);
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor !== null && items.length < limit);
  return { items, nextCursor: cursor };
}
