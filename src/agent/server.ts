import type { AgentStore } from "./boot.ts";
import { takeHeartbeat } from "./heartbeat.ts";
import { takeInspection } from "./inspection.ts";
import { lookUp } from "./lookup.ts";
import { type AgentCall, type AgentReply, answer, refuse } from "./reply.ts";

/** The API that an agent calls, below the secret path of its boot. */
export interface AgentServer {
  /** Answers one request. What is wrong with it is an answer; only the store's own failures are thrown. */
  take(call: AgentCall): Promise<AgentReply>;
}

/** @param dependencies the clock gives milliseconds since 1970, of the database */
export function createAgentServer(dependencies: { store: AgentStore; clock: () => number }): AgentServer {
  return {
    async take(call) {
      const asked = readPath(call);
      if (asked === undefined) return refuse("no-such-path", "a path that agents do not ask for");
      if (asked.kind === "root") return answer(200, ROOT, { kind: "nothing" });
      const boot = await dependencies.store.get(call.bootId);
      if (boot === undefined) return refuse("boot-over", `a ${asked.kind} after the end of its boot`);
      if (asked.kind !== "heartbeat")
        return (asked.kind === "lookup" ? lookUp : takeInspection)(call, boot, dependencies);
      if (asked.uuid.toLowerCase() !== boot.nodeUuid.toLowerCase())
        return refuse("other-machine", "a heartbeat of another node");
      return takeHeartbeat(call, boot, dependencies);
    },
  };
}

/**
 * All that an agent reads of `GET /` is the version, which decides what it does: from 1.62 on it sends its token, from 1.68
 * on it makes a certificate and serves https only.
 */
const ROOT = {
  name: "Trayload",
  default_version: { id: "v1", status: "CURRENT", min_version: "1.31", version: "1.104", links: [] },
  versions: [],
};

type Asked = { kind: "root" | "lookup" | "inspection" } | { kind: "heartbeat"; uuid: string };

function readPath({ method, path }: AgentCall): Asked | undefined {
  const below = path.replace(/[?#].*$/, "").replaceAll(/\/+/g, "/");
  if (method === "GET" && (below === "/" || below === "")) return { kind: "root" };
  if (method === "GET" && below === "/v1/lookup") return { kind: "lookup" };
  if (method !== "POST") return undefined;
  if (below === "/v1/continue_inspection") return { kind: "inspection" };
  const uuid = /^\/v1\/heartbeat\/([0-9A-Za-z-]{1,64})$/.exec(below)?.[1];
  return uuid === undefined ? undefined : { kind: "heartbeat", uuid };
}
