// Knows ironic-python-agent: what it asks us (server.ts) and what we ask it (client.ts), in one boot of one machine.
// Must not know deployments, BMCs, images or who listens; what it needs kept it declares as a port (boot.ts).
// Begin with boot.ts.
export type {
  AgentBoot,
  AgentBoots,
  AgentContact,
  AgentInspection,
  AgentNode,
  AgentSettings,
  AgentStore,
  Heartbeat,
  SeenAgent,
} from "./boot.ts";
export {
  type AgentClient,
  type AgentClientOptions,
  type AgentCommand,
  type CommandMark,
  createAgentClient,
} from "./client.ts";
export { agentIgnition, type CoreOsAgent } from "./coreos.ts";
export { AgentError, type AgentErrorCode } from "./errors.ts";
export type { AgentExchange } from "./exchange.ts";
export { isSameContact } from "./heartbeat.ts";
export type { AgentCall, AgentHappening, AgentReply, Refusal } from "./reply.ts";
export { type CommandFault, type CommandResult, failureOf } from "./result.ts";
export { type AgentPool, createAgentPool } from "./pool.ts";
export { type AgentServer, createAgentServer } from "./server.ts";
export { makeAgentToken } from "./token.ts";
export { checkRootDevice, ROOT_DEVICE_HINTS, type RootDeviceHints } from "./root-device.ts";
