import type { Request, Response } from "express";
import type * as z from "zod";
import type { Answer } from "./answer.ts";
import type { Caller } from "./access/tokens.ts";
import type { Change } from "./audit/witness.ts";
import { BODY_LIMIT } from "./body.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** One request, checked and parsed. */
export interface Call<Query, Body> {
  params: Record<string, string>;
  query: Query;
  body: Body;
  /** Who asks; an open route has nobody. */
  caller: Caller;
  /** Tells the audit who it turned out to be. */
  identify: (caller: Caller) => void;
  /** Tells the audit what was changed, without secrets. */
  note: (change: Change) => void;
  /** Aborted when the asker has gone, or the server stops. */
  signal: AbortSignal;
  request: Request;
  response: Response;
}

/** One answer as the description shows it. */
export interface Described {
  description: string;
  schema?: z.ZodType;
  /** Of the schema; JSON unless said otherwise. */
  contentType?: string;
  headers?: readonly string[];
}

interface RouteSpec<Q extends z.ZodObject, B extends z.ZodType> {
  method: Method;
  /** With parameters in braces, as OpenAPI writes them. */
  path: string;
  summary: string;
  description?: string;
  tag: string;
  /** Needs no token. */
  isOpen?: boolean;
  /** Who fails here too often must wait. */
  isLogIn?: boolean;
  /** Stands in the audit although it changes nothing. */
  isAudited?: boolean;
  /** Honours `Idempotency-Key`. */
  isIdempotent?: boolean;
  bodyLimit?: number;
  /** The body is bytes, which `request.body` holds. */
  isBinary?: boolean;
  query?: Q;
  body?: B;
  /** Request headers that matter here, with what they mean. */
  headers?: Record<string, string>;
  responses: Record<number, Described>;
  run: (call: Call<z.output<Q>, z.output<B>>) => Promise<Answer | undefined>;
}

/** A route with the types of its parts forgotten: what the application mounts and the description lists. */
export interface Route extends Omit<RouteSpec<z.ZodObject, z.ZodType>, "run" | "bodyLimit"> {
  bodyLimit: number;
  run: (call: Call<unknown, unknown>) => Promise<Answer | undefined>;
}

/**
 * Whether a route gives what programs ask for again and again: a list or a thing, as JSON. The contract has such answers
 * conditional, and a hint of when to ask again.
 */
export function isPolled({
  method,
  isOpen,
  responses,
}: Pick<Route, "method" | "isOpen" | "responses">): boolean {
  const { schema, contentType } = responses[200] ?? {};
  return method === "get" && isOpen !== true && schema !== undefined && contentType === undefined;
}

/** The one source of a route: what it takes and gives, and what answers it. */
export function defineRoute<Q extends z.ZodObject = z.ZodObject, B extends z.ZodType = z.ZodType>(
  spec: RouteSpec<Q, B>,
): Route {
  const run = spec.run as Route["run"];
  return { ...spec, bodyLimit: spec.bodyLimit ?? BODY_LIMIT, run };
}
