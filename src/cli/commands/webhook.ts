import { type Command, Option } from "commander";
import type { CreatedWebhookAnswer, DeliveryAnswer, Page, WebhookAnswer } from "../../client/index.ts";
import { readPages } from "../pages.ts";
import type { Shell } from "../shell.ts";
import { collect, parseCount, table } from "../words.ts";

const ADD_NOTES = `
The secret signs what is sent; it is shown this once, unless it came from TRAYLOAD_WEBHOOK_SECRET.

  trayload webhook add https://ci.example/hooks/trayload
  trayload webhook add https://chat.example/x --event deployment.failed --event 'operation.*'`;

export function addWebhookCommands(program: Command, shell: Shell): void {
  const webhook = program.command("webhook").description("events that are sent to a URL");
  webhook
    .command("add")
    .description("have events sent to a URL from now on")
    .argument("<url>", "http:// or https://")
    .option(
      "--event <name>",
      "like deployment.failed, operation.* or *; the ends of deployments unless told",
      collect,
    )
    .addHelpText("after", ADD_NOTES)
    .action((url: string, { event }: { event?: string[] }) => add(shell, url, event));
  webhook
    .command("list")
    .description("show the webhooks, without their secrets")
    .action(async () => {
      const { body } = await (await shell.connect()).call<{ items: WebhookAnswer[] }>("GET", "/v1/webhooks");
      shell.show(body, () => webhookLines(body.items));
    });
  webhook
    .command("remove")
    .description("send nothing more, also of what is on its way")
    .argument("<webhook>", "id")
    .action(async (id: string) => {
      await (await shell.connect()).call("DELETE", pathOf(id));
      shell.show({ removed: id }, () => [`removed ${id}`]);
    });
  webhook
    .command("test")
    .description("send a webhook.test")
    .argument("<webhook>", "id")
    .action(async (id: string) => {
      const client = await shell.connect();
      const { body } = await client.call<{ delivery: string }>("POST", `${pathOf(id)}/test`, { body: {} });
      shell.show(body, () => [
        `${body.delivery} is on its way; trayload webhook deliveries ${id} shows what came of it`,
      ]);
    });
  addDeliveryCommands(webhook, shell);
}

function addDeliveryCommands(webhook: Command, shell: Shell): void {
  webhook
    .command("deliveries")
    .description("show what was sent, newest first, and what came of it")
    .argument("<webhook>", "id")
    .addOption(new Option("--state <state>", "only these").choices(["pending", "delivered", "dead"]))
    .option("--limit <count>", "how many at most", parseCount(1, 100_000), 50)
    .action(async (id: string, { state, limit }: { state?: string; limit: number }) => {
      const query: [string, string][] = state === undefined ? [] : [["state", state]];
      const page = await readPages<DeliveryAnswer>(
        await shell.connect(),
        `${pathOf(id)}/deliveries`,
        query,
        limit,
      );
      shell.show(page, () => deliveryLines(page));
    });
  webhook
    .command("replay")
    .description("send again what has ended: one delivery, or all that were given up")
    .argument("<webhook>", "id")
    .argument("[delivery]", "id")
    .action(async (id: string, delivery: string | undefined) => {
      const body = delivery === undefined ? {} : { delivery };
      const client = await shell.connect();
      const reply = await client.call<{ replayed: number }>("POST", `${pathOf(id)}/replay`, { body });
      shell.show(reply.body, () => [`${reply.body.replayed} on their way again`]);
    });
}

const pathOf = (id: string) => `/v1/webhooks/${encodeURIComponent(id)}`;

async function add(shell: Shell, url: string, events: string[] | undefined): Promise<void> {
  const secret = shell.terminal.env["TRAYLOAD_WEBHOOK_SECRET"] || undefined;
  const body = {
    url,
    ...(events === undefined ? {} : { events }),
    ...(secret === undefined ? {} : { secret }),
  };
  const reply = await (await shell.connect()).call<CreatedWebhookAnswer>("POST", "/v1/webhooks", { body });
  shell.show(reply.body, () => [
    `${reply.body.id}  ${reply.body.url}  ${reply.body.events.join(" ")}`,
    ...(secret === undefined ? [`secret ${reply.body.secret}`] : []),
  ]);
}

function webhookLines(items: WebhookAnswer[]): string[] {
  if (items.length === 0) return ["There are none."];
  const rows = items.map(({ id, url, events, createdBy }) => [id, url, events.join(" "), createdBy]);
  return table([["ID", "URL", "EVENTS", "MADE BY"], ...rows]);
}

function deliveryLines({ items, nextCursor }: Page<DeliveryAnswer>): string[] {
  if (items.length === 0) return ["Nothing was sent."];
  const rows = items.map(({ id, createdAt, event, state, attempts, dueAt, lastError }) => {
    const next = dueAt === null ? "" : `, next ${dueAt}`;
    return [id, createdAt, event, state, String(attempts), lastError === null ? "-" : lastError + next];
  });
  const more = nextCursor === null ? [] : ["There are older ones; --limit shows more."];
  return [...table([["ID", "SINCE", "EVENT", "STATE", "TRIES", "LAST FAILURE"], ...rows]), ...more];
}
