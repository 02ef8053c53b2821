import type { JsonObject } from "../../images/index.ts";
import { instanceData, instanceNames } from "../config-drive.ts";
import type { Parts } from "../parts.ts";
import type { FetchedParts } from "../read-parts.ts";
import type { StepContext } from "../step.ts";
import { deploymentOf } from "../steps/known.ts";
import { fileUrl } from "../steps/publish-image.ts";

/** Steps that install in their own way, and read what they install from the node (openshift/ironic-agent-image). */
const READS_NODE = new Set(["install_coreos", "start_assisted_install", "execute_bootc_install"]);

export function readsNode(step: string): boolean {
  return READS_NODE.has(step);
}

/**
 * What such a step reads of the node: the config drive as JSON, of which `user_data` is the Ignition config, and where the
 * image is; without one CoreOS installs itself from its live system.
 */
export async function instanceInfo(
  parts: Pick<Parts, "blobs" | "seals">,
  context: StepContext,
  step: string,
  fetched: FetchedParts,
): Promise<JsonObject> {
  if (!readsNode(step)) return {};
  const { write } = deploymentOf(context);
  const { userData, metaData, networkData, vendorData } = await instanceData(parts, context, fetched);
  const { uuid, name } = await instanceNames(context);
  const own = write?.from === "store" ? fileUrl(parts, context, "disk") : write?.image.url;
  return {
    configdrive: {
      meta_data: { uuid, name, ...metaData },
      ...(userData === undefined ? {} : { user_data: Buffer.from(userData).toString("utf8") }),
      ...(networkData === undefined ? {} : { network_data: networkData }),
      ...(vendorData === undefined ? {} : { vendor_data: vendorData }),
    },
    ...(own === undefined ? {} : { image_source: own }),
  };
}
