import { randomBytes } from "node:crypto";
import { readConfigDrive } from "../images/index.ts";
import type { Node } from "../nodes/index.ts";
import { asFieldLater } from "./admit.ts";
import { secretArgsOf } from "./agent/job.ts";
import type { BootingInput } from "./defaults.ts";
import { contentsOf, DATA_NAMES } from "./request-parts.ts";
import type { DeploymentRequest, RequestSecrets } from "./request.ts";

/**
 * Takes what nobody may see out of a request, to be sealed beside its record.
 *
 * @throws IntakeError for a config drive that is none
 */
export async function secretsOf(input: BootingInput, cleaning: Node["cleaning"]): Promise<RequestSecrets> {
  const { callbackSecret, boot, files = [], write } = input;
  const agentArgs = secretArgsOf(input, cleaning);
  const { configDrive } = write ?? {};
  const isUrl = typeof configDrive === "object" && "url" in configDrive;
  const named = { ...boot, disk: write?.image, "config-drive": isUrl ? configDrive : undefined };
  const auths = Object.entries(named).flatMap(([role, image]) =>
    image?.auth === undefined ? [] : [[role, image.auth] as const],
  );
  const partsBase64 = contentsOf([
    ...files.map((file, index) => [`files[${index}]`, file] as const),
    ...DATA_NAMES.flatMap((name) => (input[name] ? [[name, input[name]] as const] : [])),
  ]);
  return {
    ...(typeof configDrive === "object" && "contentBase64" in configDrive
      ? { configDrive: await readGivenDrive(configDrive.contentBase64) }
      : {}),
    ...(callbackSecret === undefined ? {} : { callbackSecret }),
    ...(auths.length === 0 ? {} : { imageAuth: Object.fromEntries(auths) }),
    ...(Object.keys(partsBase64).length === 0 ? {} : { partsBase64 }),
    ...(agentArgs === undefined ? {} : { agentArgs }),
  };
}

async function readGivenDrive(contentBase64: string): Promise<string> {
  return asFieldLater("write.configDrive.contentBase64", () =>
    readConfigDrive(Buffer.from(contentBase64, "base64")),
  );
}

/** A disc of our own making can carry a call-back path that nobody had to choose; each attempt gets another. */
export function withCallback(request: DeploymentRequest, given: RequestSecrets): RequestSecrets {
  const { callbackSecret, isCallbackOurs, ...secrets } = given;
  if (callbackSecret !== undefined && isCallbackOurs !== true) return { callbackSecret, ...secrets };
  if (request.finish !== "callback" && request.eject !== "on-callback") return secrets;
  return { ...secrets, callbackSecret: randomBytes(24).toString("base64url"), isCallbackOurs: true };
}
