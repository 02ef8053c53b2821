import { checkRootDevice } from "../agent/index.ts";
import type { Node } from "../nodes/index.ts";
import { DATA_NAMES } from "./request-parts.ts";
import { type DeploymentInput, IntakeError, type WriteInput } from "./input.ts";
import type { ConfigDriveSpec, DeploymentRequest, ImageSpec, WriteSpec } from "./request.ts";

/**
 * What of a request is about the disk: the image to be written, and the config drive beside it.
 *
 * @param imageOf fills in what an image does not say
 * @throws IntakeError that names the field
 */
export function completeWrite(
  input: DeploymentInput,
  imageOf: (image: WriteInput["image"]) => ImageSpec,
): Pick<DeploymentRequest, "write"> {
  const { write } = input;
  if (write === undefined) return {};
  refuseRootDevice(write.rootDevice, "write.rootDevice");
  refuseLayout(write);
  if (write.from === "source") refuseHandingThrough(write.image);
  const { kind = "whole-disk", format = null } = write.image;
  const { rootMiB = 0, swapMiB = 0, ephemeralMiB = 0 } = write.layout ?? {};
  const spec: WriteSpec = {
    image: {
      ...imageOf(write.image),
      kind,
      format,
      layout: kind === "partition" ? { rootMiB, swapMiB, ephemeralMiB } : null,
    },
    from: write.from ?? "store",
    rootDevice: write.rootDevice ?? null,
    configDrive: configDriveOf(
      write.configDrive ?? "auto",
      DATA_NAMES.some((name) => input[name] != null),
      imageOf,
    ),
    force: write.force ?? false,
  };
  return { write: spec };
}

function configDriveOf(
  asked: NonNullable<WriteInput["configDrive"]>,
  hasData: boolean,
  imageOf: (image: WriteInput["image"]) => ImageSpec,
): ConfigDriveSpec {
  if (asked === "auto" || asked === "none") {
    if (asked === "none" && hasData)
      throw new IntakeError("data were given that would stand on a config drive, and none is wanted", {
        code: "instance-data-unread",
        fields: [{ path: "write.configDrive", message: 'must not be "none" with userData and the like' }],
      });
    return { kind: asked === "auto" && hasData ? "made" : "none" };
  }
  if (hasData)
    throw new IntakeError("a config drive was given, and data of which another one would be made", {
      code: "instance-data-unread",
      fields: [{ path: "write.configDrive", message: "cannot be given beside userData and the like" }],
    });
  return "url" in asked
    ? { kind: "fetched", image: imageOf(asked) }
    : { kind: "given", sizeBytes: Buffer.byteLength(asked.contentBase64, "base64") };
}

/**
 * An agent is told the node's hints where the request has none, and looks for their disk before it reports.
 *
 * @throws IntakeError `root-device-invalid`
 */
export function refuseNodesRootDevice(
  { name, rootDevice }: Pick<Node, "name" | "rootDevice">,
  { agent, write }: Pick<DeploymentRequest, "agent" | "write">,
): void {
  if (agent === undefined || (write?.rootDevice ?? null) !== null) return;
  refuseRootDevice(rootDevice, "node.rootDevice", { hint: `Mend rootDevice of the node ${name}.` });
}

function refuseRootDevice(
  hints: Record<string, unknown> | null | undefined,
  at: string,
  advice: { hint?: string } = {},
): void {
  const wrong = checkRootDevice(hints ?? {});
  if (wrong.length === 0) return;
  throw new IntakeError("an agent could choose no disk by these hints", {
    code: "root-device-invalid",
    ...advice,
    fields: wrong.map(({ hint, message }) => ({ path: `${at}.${hint}`, message })),
  });
}

function refuseLayout({ image: { kind = "whole-disk" }, layout }: WriteInput): void {
  if ((kind === "partition") === (layout !== undefined)) return;
  const message = kind === "partition" ? "is needed with kind partition" : "is for kind partition only";
  throw new IntakeError(`the layout of partitions ${message}`, {
    code: "write-invalid",
    hint: "A whole-disk image brings its partitions; for the image of one, say how large the root partition is.",
    fields: [{ path: "write.layout", message }],
  });
}

/** What only we can do for an image, or know of it, the agent cannot be told to do. */
function refuseHandingThrough(image: WriteInput["image"]): void {
  const fields = [
    ...(/^https?:/i.test(image.url) ? [] : [{ path: "url", message: "must be http or https" }]),
    ...(image.checksum === undefined ? [{ path: "checksum", message: "is needed" }] : []),
    ...(image.format === undefined ? [{ path: "format", message: "is needed" }] : []),
    ...(["member", "tls", "auth"] as const)
      .filter((name) => image[name] !== undefined)
      .map((name) => ({ path: name, message: "needs Trayload to fetch the image" })),
  ];
  if (fields.length === 0) return;
  throw new IntakeError("the agent could not read this image from its source by itself", {
    code: "write-invalid",
    hint: "Leave out write.from: Trayload then fetches the image, verifies it and serves it to the agent.",
    fields: fields.map(({ path, message }) => ({
      path: `write.image.${path}`,
      message: `${message} with from "source"`,
    })),
  });
}
