import type { Request } from "express";
import type { Asker } from "../deploy/index.ts";
import type { Caller } from "./access/tokens.ts";

/** Version 00; what later versions add behind it may be passed over (W3C Trace Context, sections 3.2 and 4.3). */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** The trace that a request belongs to, as version 00; undefined where none is named that stands. */
export function traceOf({ headers }: Pick<Request, "headers">): string | undefined {
  const given = headers["traceparent"];
  if (typeof given !== "string") return undefined;
  const [, traceId, parentId, flags] = TRACEPARENT.exec(given) ?? [];
  const isLonger = given.startsWith("00-") && given.length > 55;
  return traceId === undefined || isLonger ? undefined : `00-${traceId}-${parentId}-${flags}`;
}

/** Who asks for a record, and in which trace. */
export function askerOf({ name }: Caller, request: Pick<Request, "headers">): Asker {
  return { name, traceparent: traceOf(request) };
}

/** For a route that begins something which outlives it. */
export const TRACE_HEADER = {
  Traceparent: "The trace that it belongs to (W3C Trace Context); it is kept, and goes on to the BMC",
};
