import { Problem } from "./problem.ts";

/** Makes an opaque cursor of the id after which the next page begins. */
export function cursorOf(id: string): string {
  return Buffer.from(`v1:${id}`).toString("base64url");
}

/** @throws Problem `invalid-query` */
export function readCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, "base64url").toString();
  if (/^v1:[A-Za-z0-9_]+$/.test(text)) return text.slice(3);
  const errors = [{ path: "cursor", message: "is not a cursor that a list gave" }];
  throw new Problem("invalid-query", "cursor: is not a cursor that a list gave.", { errors });
}

/** Cuts a list that was read with one item more than asked for, and says where the next page begins. */
export function pageOf<T extends { id: string }>(
  read: T[],
  limit: number,
): { items: T[]; nextCursor: string | null } {
  const items = read.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: read.length > limit && last !== undefined ? cursorOf(last.id) : null };
}
