import type { Config } from "../config.ts";
import { type AgentImages, createIntake, type Intake, type RequestBlobs } from "../deploy/index.ts";
import { createAgentImages, readConfigured } from "./agent-images.ts";
import type { Ground } from "./ground.ts";

/** Where requests become records: those of people, and those of campaigns. */
export function openIntake(
  config: Config,
  { database, secrets, nodes, images, hints, bell, clock }: Ground,
): { intake: Intake; agentImages: AgentImages; blobs: RequestBlobs } {
  const configured = readConfigured(config.agent.imagesFile);
  const agentImages = createAgentImages(database.agentImages, secrets, configured);
  const blobs = database.requestBlobs(secrets);
  const kept = { store: database.records, hints, bell, nodes, images, agentImages, blobs };
  return { intake: createIntake({ ...kept, seals: secrets, clock }), agentImages, blobs };
}
