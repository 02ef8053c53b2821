import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { readAgentImages } from "../api/index.ts";
import {
  AGENT_IMAGES,
  type AgentImagePair,
  type AgentImages,
  type AgentImageSettings,
  type AgentImageSettingsInput,
  type AgentImageStore,
} from "../deploy/index.ts";
import { sealImage, type SecretBox } from "../nodes/index.ts";

/** Keeps the agent's default images with the log-ins of their servers sealed; those of the configuration stand behind. */
export function createAgentImages(
  store: AgentImageStore,
  secrets: Pick<SecretBox, "seal">,
  configured: AgentImageSettingsInput,
): AgentImages {
  const usual = sealedSettings(secrets, configured, {});
  const read = async () => ({ ...usual, ...(await store.read()) });
  return {
    read,
    write: async (given) => store.write(sealedSettings(secrets, given, await read())),
  };
}

function sealedSettings(
  secrets: Pick<SecretBox, "seal">,
  given: AgentImageSettingsInput,
  before: AgentImageSettings,
): AgentImageSettings {
  const sealed = Object.entries(given).map(([arch, { kernel, ramdisk }]) => {
    const old = before[arch as keyof AgentImageSettings];
    const pair: AgentImagePair = {
      kernel: sealImage(secrets, kernel, old?.kernel, AGENT_IMAGES),
      ramdisk: sealImage(secrets, ramdisk, old?.ramdisk, AGENT_IMAGES),
    };
    return [arch, pair];
  });
  return Object.fromEntries(sealed) as AgentImageSettings;
}

/**
 * Reads `TRAYLOAD_AGENT_IMAGES_FILE`: YAML or JSON, as `PUT /v1/settings/agent-images` takes it.
 *
 * @throws Error that names the file and what is wrong with it, and no secret
 */
export function readConfigured(file: string | undefined): AgentImageSettingsInput {
  if (file === undefined) return {};
  try {
    return readAgentImages(parse(readFileSync(file, "utf8"), { prettyErrors: false }));
  } catch (error) {
    throw new Error(`TRAYLOAD_AGENT_IMAGES_FILE ${file}: ${(error as Error).message}`, { cause: error });
  }
}
