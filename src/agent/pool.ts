import type { AgentBoot, AgentContact } from "./boot.ts";
import { type AgentClient, type AgentClientOptions, createAgentClient } from "./client.ts";

/** Clients of agents, with connections that are kept as long as they are used: each new one costs two certificates. */
export interface AgentPool {
  open(boot: AgentBoot & { contact: AgentContact }): AgentClient;
  close(): void;
}

/** Between two commands lie milliseconds; between two looks at a long one, half a minute. */
const IDLE_MS = 5_000;

export function createAgentPool(
  options: Pick<AgentClientOptions, "timeoutMs" | "connectMs" | "onExchange"> = {},
): AgentPool {
  const kept = new Map<string, { client: AgentClient; timer: NodeJS.Timeout }>();

  function drop(key: string): void {
    kept.get(key)?.client.close();
    kept.delete(key);
  }

  return {
    open({ id, contact, token }) {
      const key = [id, contact.callbackUrl, contact.certificate].join("\n");
      const known = kept.get(key);
      if (known !== undefined) {
        known.timer.refresh();
        return known.client;
      }
      const client = createAgentClient({ contact, token, ...options });
      kept.set(key, { client, timer: setTimeout(() => drop(key), IDLE_MS).unref() });
      return client;
    },
    close() {
      for (const [key, { timer }] of kept) {
        clearTimeout(timer);
        drop(key);
      }
    },
  };
}
