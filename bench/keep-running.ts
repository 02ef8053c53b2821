import { randomBytes } from "node:crypto";
import type { Wanted } from "./load.ts";
import type { Stage } from "./stage.ts";
import { readStream, type StreamedEvent } from "./stream.ts";

/** Deployments that are always under way, one on each node. */
export interface KeptRunning {
  /** How many have ended since the start, by the event that ended them. */
  ended(): Record<string, number>;
  /** Lets those that are under way be. @throws Error what went wrong meanwhile */
  stop(): Promise<void>;
}

const ENDS = new Set(["succeeded", "failed", "cancelled"]);

/**
 * Deploys every node and, whenever one has ended, the same node again. A machine takes `bootMs` to read its disc, then posts
 * its call-back; the first time each takes another part of that, so that from the start one ends as often as another.
 *
 * @throws Error when a deployment cannot be posted
 */
export async function keepRunning(stage: Stage, bootMs: number): Promise<KeptRunning> {
  const { names, server } = stage;
  const nodeOf = new Map<string, string>();
  const counts: Record<string, number> = {};
  const broken: unknown[] = [];
  const ending = new AbortController();
  const begin = async (node: string, ms: number): Promise<void> => {
    const { id } = await post(stage, await expectBoot(stage, node, ms));
    nodeOf.set(id, node);
  };
  const onEvent = ({ type, recordId }: StreamedEvent): void => {
    const node = nodeOf.get(recordId);
    if (node === undefined || !ENDS.has(type)) return;
    nodeOf.delete(recordId);
    counts[type] = (counts[type] ?? 0) + 1;
    begin(node, bootMs).catch((error: unknown) => ending.signal.aborted || broken.push(error));
  };
  const stream = readStream(server, "/v1/events", onEvent, ending.signal);
  void stream.over.catch((error: unknown) => broken.push(error));
  await stream.opened;
  for (const [index, name] of names.entries()) await begin(name, ((index + 1) / names.length) * bootMs);
  return {
    ended: () => ({ ...counts }),
    async stop() {
      ending.abort();
      await stream.over.catch(() => undefined);
      if (broken.length > 0) throw new Error("deployments could not be kept running", { cause: broken[0] });
    },
  };
}

async function expectBoot({ labs, isoUrl, server }: Stage, node: string, bootMs: number): Promise<Wanted> {
  const callbackSecret = randomBytes(24).toString("base64url");
  const callBack = `${server.provisionUrl}/c/${callbackSecret}`;
  await Promise.all(labs.map((lab) => lab.ask("expectBoot", { node, bootMs, callBack })));
  const iso = { url: isoUrl };
  return { node, boot: { iso }, finish: "callback", eject: "on-callback", callbackSecret };
}

async function post({ server }: Stage, wanted: Wanted): Promise<{ id: string }> {
  const answer = await fetch(`${server.apiUrl}/v1/deployments`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    body: JSON.stringify(wanted),
  });
  if (answer.status === 202) return (await answer.json()) as { id: string };
  throw new Error(`${String(wanted.node)} could not be deployed: ${answer.status} ${await answer.text()}`);
}
