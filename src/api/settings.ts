import type { AgentImageSettingsInput } from "../deploy/index.ts";
import { check } from "./check.ts";
import { agentImages } from "./schemas/agent.ts";

/**
 * Reads the agent's default images as `PUT /v1/settings/agent-images` takes them.
 *
 * @throws Problem that names every field at fault, and no value
 */
export function readAgentImages(value: unknown): AgentImageSettingsInput {
  const given = Object.entries(check(agentImages, value, "body")).filter(([, pair]) => pair !== undefined);
  return Object.fromEntries(given);
}
