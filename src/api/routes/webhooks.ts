import * as z from "zod";
import type { Delivery, StoredWebhook } from "../../webhooks/index.ts";
import { pageOf, readCursor } from "../cursor.ts";
import type { RouteParts } from "../parts.ts";
import { defineRoute, type Route } from "../route.ts";
import { nothing } from "../schemas/operation.ts";
import { cursor, limit, page } from "../schemas/plain.ts";
import {
  createdWebhook,
  DELIVERY_STATES,
  replayInput,
  shownDelivery,
  shownWebhook,
  webhookInput,
} from "../schemas/webhook.ts";
import { BODY_PROBLEMS, problems } from "./problems.ts";

type Parts = Pick<RouteParts, "webhooks">;

export function createWebhookRoutes(parts: Parts): Route[] {
  return [list(parts), add(parts), read(parts), remove(parts), test(parts), deliveries(parts), replay(parts)];
}

const list = ({ webhooks }: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/webhooks",
    tag: "Webhooks",
    summary: "List webhooks",
    responses: { 200: { description: "Webhooks", schema: z.object({ items: z.array(shownWebhook) }) } },
    run: async () => ({ status: 200, body: { items: (await webhooks.list()).map(present) } }),
  });

const add = ({ webhooks }: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/webhooks",
    tag: "Webhooks",
    summary: "Have events sent to a URL from now on",
    description:
      "Each event is a POST of a CloudEvents 1.0 JSON body, signed as Standard Webhooks has it. The answer alone holds the secret. Takes no `Idempotency-Key`.",
    body: webhookInput,
    responses: {
      201: { description: "The webhook", schema: createdWebhook, headers: ["Location"] },
      ...BODY_PROBLEMS,
    },
    run: async ({ body, caller, note }) => {
      const { webhook, secret } = await webhooks.add(body, caller.name);
      note({ after: present(webhook) });
      const headers = { location: `/v1/webhooks/${webhook.id}` };
      return { status: 201, body: { ...present(webhook), secret }, headers };
    },
  });

const read = ({ webhooks }: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/webhooks/{id}",
    tag: "Webhooks",
    summary: "Read a webhook",
    responses: { 200: { description: "The webhook", schema: shownWebhook }, ...problems(404) },
    run: async ({ params }) => ({ status: 200, body: present(await webhooks.get(params.id!)) }),
  });

const remove = ({ webhooks }: Parts) =>
  defineRoute({
    method: "delete",
    path: "/v1/webhooks/{id}",
    tag: "Webhooks",
    summary: "Remove a webhook with its deliveries",
    responses: { 204: { description: "It is gone" }, ...problems(404) },
    run: async ({ params, note }) => {
      note({ before: present(await webhooks.remove(params.id!)) });
      return { status: 204 };
    },
  });

const test = ({ webhooks }: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/webhooks/{id}/test",
    tag: "Webhooks",
    summary: "Send a `webhook.test`",
    body: nothing,
    responses: {
      202: { description: "It is on its way", schema: z.object({ delivery: z.string() }) },
      ...problems(404),
    },
    run: async ({ params }) => ({ status: 202, body: { delivery: await webhooks.test(params.id!) } }),
  });

const deliveries = ({ webhooks }: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/webhooks/{id}/deliveries",
    tag: "Webhooks",
    summary: "List what was sent to a webhook, or will be, newest first",
    description: "What was delivered is kept for a week, what is dead for four.",
    query: z.strictObject({ state: z.enum(DELIVERY_STATES).exactOptional(), cursor, limit }),
    responses: { 200: { description: "Deliveries", schema: page(shownDelivery) }, ...problems(400, 404) },
    run: async ({ params, query }) => {
      const before = readCursor(query.cursor);
      const found = await webhooks.deliveries({
        webhookId: params.id!,
        ...(query.state === undefined ? {} : { state: query.state }),
        ...(before === undefined ? {} : { before }),
        limit: query.limit + 1,
      });
      return { status: 200, body: pageOf(found.map(presentDelivery), query.limit) };
    },
  });

const replay = ({ webhooks }: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/webhooks/{id}/replay",
    tag: "Webhooks",
    summary: "Send again what has ended: one delivery, or all that are dead",
    body: replayInput,
    responses: {
      202: { description: "They are on their way", schema: z.object({ replayed: z.int() }) },
      ...BODY_PROBLEMS,
      ...problems(404),
    },
    run: async ({ params, body, note }) => {
      const replayed = await webhooks.replay(params.id!, body.delivery);
      note({ after: { replayed, ...body } });
      return { status: 202, body: { replayed } };
    },
  });

function present({ id, url, events, createdAtMs, createdBy }: StoredWebhook): z.input<typeof shownWebhook> {
  return { id, url: url.split("?")[0]!, events, createdAt: new Date(createdAtMs).toISOString(), createdBy };
}

function presentDelivery(delivery: Delivery): z.input<typeof shownDelivery> {
  const { webhookId: _, dueAtMs, createdAtMs, endedAtMs, ...shown } = delivery;
  const when = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return { ...shown, dueAt: when(dueAtMs), createdAt: when(createdAtMs)!, endedAt: when(endedAtMs) };
}
