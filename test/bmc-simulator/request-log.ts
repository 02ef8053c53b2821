/** One request that the BMC received, in the order of arrival. */
export interface LoggedRequest {
  readonly n: number;
  readonly method: string;
  /** Without query and trailing slash. */
  readonly path: string;
  /** What stands behind the question mark; empty for none. */
  readonly query: string;
  /** Parsed JSON, or the text where it was none; a password in it reads "***". */
  body: unknown;
  readonly authorization: "none" | "basic" | "session" | "other";
  readonly ifMatch: string | null;
  /** As W3C Trace Context has it. */
  readonly traceparent: string | null;
  /** Null while it is unanswered, and for ever when the connection ended before the answer. */
  status: number | null;
  /** Epoch milliseconds. */
  readonly at: number;
  /** When the answer was begun; null where there was none. */
  answeredAt: number | null;
  /** Whether it changed anything on the machine or its media. */
  acted: boolean;
}

/** One change that was asked of the machine, as the BMC understood it. */
export type Action = { readonly n: number; readonly at: number; readonly request: number | null } & Deed;
export type Deed =
  | { what: "insert"; slot: string; url: string }
  | { what: "eject"; slot: string; url: string | null }
  | { what: "reset"; type: string }
  | { what: "override"; enabled: string; target: string; mode: string | null };

/** Keeps the newest `limit` entries; a bench that runs for hours must not fill the memory. */
export interface BoundedLog<T> {
  readonly entries: readonly T[];
  add(make: (n: number) => T): T;
  clear(): void;
}

export function createBoundedLog<T>(limit: number): BoundedLog<T> {
  let entries: T[] = [];
  let count = 0;
  return {
    get entries() {
      return entries;
    },
    add(make) {
      const entry = make((count += 1));
      // Cut in halves, not one by one, so that a full log stays cheap.
      if (entries.length >= limit * 2) entries = entries.slice(-limit);
      entries.push(entry);
      return entry;
    },
    clear() {
      entries = [];
    },
  };
}
