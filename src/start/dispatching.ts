import type { Logger } from "pino";
import { presentEvent } from "../api/index.ts";
import type { Config } from "../config.ts";
import { watchWebhooks } from "../metrics/index.ts";
import { createDispatcher, createSender } from "../webhooks/index.ts";
import type { Ground } from "./ground.ts";
import type { Lifetime } from "./lifetime.ts";

/** Carries events to webhooks, as workers do. */
export function startDispatching(
  config: Config,
  { database, secrets, bell, metrics, clock }: Ground,
  log: Logger,
  lifetime: Lifetime,
): void {
  const dispatcher = createDispatcher({
    store: database.webhooks,
    records: database.records,
    campaigns: database.campaigns,
    bell,
    sender: createSender(config.webhooks.allow),
    seals: secrets,
    present: presentEvent,
    clock,
    onAttempt: watchWebhooks(metrics, () => database.webhooks.count()),
    log,
  });
  lifetime.add("webhooks", () => dispatcher.stop());
}
