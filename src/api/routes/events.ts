import * as z from "zod";
import type { Request } from "express";
import type { DeployEvent, RecordView } from "../../deploy/index.ts";
import { isUnbound } from "../access/scope.ts";
import type { Caller } from "../access/tokens.ts";
import type { Answer } from "../answer.ts";
import type { RouteParts } from "../parts.ts";
import { presentEvent } from "../present/event.ts";
import { Problem } from "../problem.ts";
import { isFinal, readRecord } from "../records.ts";
import { type Call, defineRoute, type Route } from "../route.ts";
import { shownEvent } from "../schemas/event.ts";
import { count, page } from "../schemas/plain.ts";
import { follow, type Source } from "../stream/follow.ts";
import { frame, openSse } from "../stream/sse.ts";
import { problems } from "./problems.ts";

type Parts = Pick<RouteParts, "records" | "feed" | "samples" | "scopes" | "ssePace">;
type EventCall = Call<z.output<typeof QUERY>, unknown>;

const JSON_TYPE = "application/json";
const STREAM_TYPE = "text/event-stream";

const QUERY = z.strictObject({
  after: count(0, Number.MAX_SAFE_INTEGER)
    .exactOptional()
    .meta({ description: "Only events after this number; `Last-Event-ID` counts before it" }),
  limit: count(1, 1000).default(200).meta({ description: "Events per page; a stream has no pages" }),
});
const HEADERS = {
  Accept: "`application/json` for a list, `text/event-stream` for a stream",
  "Last-Event-ID": "Resumes a stream behind this event",
};
const RESPONSES = {
  200: {
    description:
      "A page, or a stream: `id` numbers each event, samples come as `event: progress` without an id, and `event: reset` says that events before the ones that follow are gone.",
    schema: page(shownEvent).extend({
      after: z
        .int()
        .meta({ description: "Number of the last event looked at: for `after`, to go on from here" }),
    }),
  },
  ...problems(400, 404),
};

export function createEventRoutes(parts: Parts): Route[] {
  return [ofOne("deployment", parts), ofOne("operation", parts), ofAll(parts)];
}

const ofOne = (kind: RecordView["kind"], parts: Parts) =>
  defineRoute({
    method: "get",
    path: `/v1/${kind}s/{id}/events`,
    tag: kind === "deployment" ? "Deployments" : "Operations",
    summary: `Events of one ${kind}, as a list or a stream`,
    headers: HEADERS,
    query: QUERY,
    responses: { ...RESPONSES, 204: { description: "The stream has ended, and all of it was seen" } },
    run: async (call) => {
      const view = await readRecord(parts.records, kind, call.params.id!);
      const source = sourceOf(parts, view.id);
      if (wanted(call.request, [JSON_TYPE, STREAM_TYPE]) === JSON_TYPE) return listed(source, call);
      const cursor = await firstKept(source, resumeFrom(call) ?? 0);
      if (isFinal(view) && cursor === view.version) return { status: 204 };
      return streamed(parts, call, source, { cursor, endsNow: isFinal(view) });
    },
  });

const ofAll = (parts: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/events",
    tag: "Events",
    summary: "Events of everything, as a stream from now on, or as a list",
    headers: HEADERS,
    query: QUERY,
    responses: RESPONSES,
    run: async (call) => {
      const source = sourceOfAll(parts, call.caller);
      if (wanted(call.request, [STREAM_TYPE, JSON_TYPE]) === JSON_TYPE) return listed(source, call);
      const resumed = resumeFrom(call);
      const cursor =
        resumed === undefined ? await parts.records.lastPosition() : await firstKept(source, resumed);
      return streamed(parts, call, source, { cursor, endsNow: false });
    },
  });

function wanted(request: Request, types: string[]): string {
  const type = request.accepts(types);
  if (type !== false) return type;
  throw new Problem("not-acceptable", `This path gives ${types.join(" or ")}.`);
}

/** Where the client stopped reading; undefined when it begins. */
function resumeFrom({ request, query }: EventCall): number | undefined {
  const header = request.headers["last-event-id"];
  if (header === undefined || header === "") return query.after;
  if (typeof header === "string" && /^\d{1,15}$/.test(header)) return Number(header);
  throw new Problem("invalid-header", "Last-Event-ID: is not a number that this stream gave.");
}

async function listed(source: Source, { query }: EventCall): Promise<Answer> {
  const found = await source.read(query.after ?? 0, query.limit + 1);
  const shown = found.slice(0, query.limit);
  const after = shown.at(-1)?.number ?? query.after ?? 0;
  const nextCursor = found.length > query.limit ? String(shown.at(-1)!.number) : null;
  const picked = await source.pick?.(new Set(shown.map(({ recordId }) => recordId)));
  const items = shown
    .filter(({ recordId }) => picked?.has(recordId) !== false)
    .map(({ recordId, event }) => presentEvent(recordId, event));
  return { status: 200, body: { items, nextCursor, after } };
}

async function streamed(
  { feed, samples, ssePace }: Parts,
  { response, signal }: EventCall,
  source: Source,
  start: { cursor: number | "reset"; endsNow: boolean },
): Promise<undefined> {
  const writer = openSse(response, signal, ssePace);
  if (start.cursor === "reset") writer.write(frame({ event: "reset", data: { after: 0 } }));
  const leave =
    source.recordId === null || start.endsNow
      ? undefined
      : samples.watch(source.recordId, (progress) => {
          const data = { recordId: source.recordId, progress };
          if (writer.isReady) writer.write(frame({ event: "progress", data }));
        });
  try {
    await follow(writer, feed, source, { ...start, cursor: start.cursor === "reset" ? 0 : start.cursor });
  } finally {
    leave?.();
    writer.end();
  }
  return undefined;
}

/**
 * A client resumes without loss only if the event it saw last is still kept. Otherwise the stream begins with the first
 * event that there is.
 */
async function firstKept(source: Source, cursor: number): Promise<number | "reset"> {
  if (cursor === 0) return 0;
  const [seen] = await source.read(cursor - 1, 1);
  return seen?.number === cursor ? cursor : "reset";
}

function sourceOf({ records }: Parts, recordId: string): Source {
  return {
    recordId,
    read: async (after, limit) =>
      (await records.events(recordId, after, limit)).map((event) => ({ number: event.seq, recordId, event })),
    numbers: ({ event }) => ({ number: event.seq, previous: event.seq - 1 }),
    isLast: isEnd,
  };
}

function sourceOfAll({ records, scopes }: Parts, caller: Caller): Source {
  return {
    recordId: null,
    read: async (after, limit) =>
      (await records.eventsSince(after, limit)).map(({ position, id, event }) => ({
        number: position,
        recordId: id,
        event,
      })),
    numbers: ({ position, previous }) => ({ number: position, previous }),
    isLast: () => false,
    ...(isUnbound(caller) ? {} : { pick: (ids) => pickSeen(records, scopes, caller, ids) }),
  };
}

async function pickSeen(
  records: Parts["records"],
  scopes: Parts["scopes"],
  caller: Caller,
  ids: ReadonlySet<string>,
): Promise<Set<string>> {
  const seen = await Promise.all(
    [...ids].map(async (id) => {
      const view = await records.get(id);
      return view !== undefined && (await scopes.sees(caller, view.node.id)) ? [id] : [];
    }),
  );
  return new Set(seen.flat());
}

function isEnd(event: DeployEvent): boolean {
  return event.type === "succeeded" || event.type === "failed" || event.type === "cancelled";
}
