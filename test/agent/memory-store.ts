import type { AgentBoot, AgentInspection, AgentStore, Heartbeat } from "../../src/agent/index.ts";
import { isSameContact } from "../../src/agent/index.ts";

/** Keeps boots in memory, and shows what was kept. */
export interface MemoryStore extends AgentStore {
  boot(): AgentBoot;
  change(change: Partial<AgentBoot>): void;
  /** Ends the boot. */
  end(): void;
  readonly beats: readonly Heartbeat[];
  readonly inspections: readonly AgentInspection[];
}

export function createMemoryStore(first: AgentBoot): MemoryStore {
  let boot = first;
  let isOver = false;
  const beats: Heartbeat[] = [];
  const inspections: AgentInspection[] = [];
  const find = (id: string): AgentBoot | undefined => (boot.id === id && !isOver ? boot : undefined);
  return {
    boot: () => boot,
    change: (change) => void (boot = { ...boot, ...change }),
    end: () => void (isOver = true),
    beats,
    inspections,
    get: async (id) => find(id),
    async claimToken(id, holder) {
      const found = find(id);
      if (found === undefined || found.contact !== null) return null;
      boot = { ...found, tokenHolder: found.tokenHolder ?? holder };
      return boot.tokenHolder;
    },
    async keepHeartbeat(id, beat) {
      const found = find(id);
      if (found === undefined) return undefined;
      const contact = found.contact ?? beat.contact;
      boot = { ...found, contact };
      if (isSameContact(contact, beat.contact)) beats.push(beat);
      return contact;
    },
    async keepInspection(id, inspection) {
      if (find(id) !== undefined) inspections.push(inspection);
    },
  };
}
