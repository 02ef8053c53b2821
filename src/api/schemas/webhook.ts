import * as z from "zod";
import { DEFAULT_EVENTS, isEventName } from "../../webhooks/index.ts";
import { time } from "./plain.ts";

const url = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .meta({ example: "https://ci.example/hooks/trayload" });
const events = z.array(z.string().refine(isEventName, "is not the name of an event")).min(1).max(64).meta({
  description:
    "`deployment.`, `operation.` or `campaign.` with the type of an event, or with `*`; `*` for all",
});

export const webhookInput = z
  .strictObject({
    url,
    events: events.default(DEFAULT_EVENTS),
    secret: z.string().max(255).exactOptional().meta({
      writeOnly: true,
      description:
        "`whsec_` and the base64 of 24 to 64 bytes, as Standard Webhooks has it; made unless given",
    }),
  })
  .meta({ id: "WebhookInput" });

const FIELDS = {
  id: z.string(),
  url: url.meta({ description: "Without its query, which may be a secret" }),
  events,
  createdAt: time,
  createdBy: z.string().meta({ description: "Name of the token that made it" }),
};

export const shownWebhook = z.object(FIELDS).meta({ id: "Webhook" });
export const createdWebhook = z
  .object({ ...FIELDS, secret: z.string().meta({ description: "Signs what is sent; told this once" }) })
  .meta({ id: "CreatedWebhook" });

export const DELIVERY_STATES = ["pending", "delivered", "dead"] as const;

export const shownDelivery = z
  .object({
    id: z.string().meta({ description: "The `webhook-id` of every attempt" }),
    state: z.enum(DELIVERY_STATES).meta({ description: "`dead` is given up, until it is replayed" }),
    event: z.string().meta({ example: "deployment.succeeded" }),
    attempts: z.int(),
    dueAt: time.nullable().meta({ description: "Of the next attempt" }),
    createdAt: time,
    endedAt: time.nullable(),
    lastStatus: z.int().nullable().meta({ description: "Of the last answer" }),
    lastError: z.string().nullable(),
  })
  .meta({ id: "Delivery" });

export const replayInput = z
  .strictObject({
    delivery: z.string().max(64).exactOptional().meta({ description: "All that are dead unless given" }),
  })
  .meta({ id: "ReplayInput" });
