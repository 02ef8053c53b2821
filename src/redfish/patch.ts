import type { Answer, Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { headerOf, stringAt } from "./json.ts";

/**
 * Changes a resource under `If-Match` (RFC 9110, 13.1.1).
 *
 * On 412 it is read again and the fresh tag sent, then that tag's strong form, then none: some BMCs compare weak tags
 * wrongly or change them with every read (field notes, 2.1 row 45). A 412, or the 428 of a BMC that wants a tag, says
 * that nothing was changed.
 *
 * @param knownTag the ETag of the caller's last read, where there was one
 */
export async function patchResource(
  sender: Sender,
  path: string,
  json: object,
  knownTag?: string,
): Promise<Answer> {
  const first = await patchIfTagged(sender, path, json, knownTag);
  if (first !== undefined) return first;
  const fresh = await readTag(sender, path);
  const strong = fresh === undefined ? undefined : strengthen(fresh);
  for (const tag of new Set([fresh, strong])) {
    const answer = tag === undefined ? undefined : await patchIfTagged(sender, path, json, tag);
    if (answer !== undefined) return answer;
  }
  return sender.send("PATCH", path, { json });
}

/** Reads the ETag of a resource, from the header or, where that is missing, from the body. */
export async function readTag(sender: Sender, path: string): Promise<string | undefined> {
  const { headers, body } = await sender.send("GET", path);
  return tagOf(headers, body);
}

/** The tag of what was read. Lenovo writes it without its quotes in the body, and refuses it so in a header. */
export function tagOf(headers: Answer["headers"], body: unknown): string | undefined {
  const written = stringAt(body, "@odata.etag");
  const isBare = written !== undefined && !written.includes('"');
  return headerOf(headers, "etag") ?? (isBare ? `"${written}"` : written);
}

async function patchIfTagged(
  sender: Sender,
  path: string,
  json: object,
  tag?: string,
): Promise<Answer | undefined> {
  try {
    return await sender.send("PATCH", path, { json, ...(tag ? { headers: { "if-match": tag } } : {}) });
  } catch (error) {
    if (error instanceof RedfishError && (error.status === 412 || error.status === 428)) return undefined;
    throw error;
  }
}

/** The strong form of a tag, also of iDRAC's `"W/'gen-1'"` and of `'W/"gen-1"'`. */
function strengthen(tag: string): string {
  const opaque = tag.replace(/^["']?W\//, "").replaceAll(/["']/g, "");
  return `"${opaque}"`;
}
