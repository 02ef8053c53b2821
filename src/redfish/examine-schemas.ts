import { RedfishError } from "./errors.ts";
import { type Check, outcome, outcomeOf } from "./examination.ts";
import { readMetadata } from "./metadata.ts";

/** Schemas whose version tells most about a virtual-media boot. */
const TELLING = ["VirtualMedia", "ComputerSystem", "Manager"];

/** Shows what the firmware's `$metadata` lists. Nothing depends on it, so it never fails. */
export const schemas: Check = async (examination) => {
  try {
    const metadata = await readMetadata(examination.session);
    examination.metadata = metadata;
    const versions = TELLING.filter((name) => name in metadata.schemas).map((name) =>
      `${name} ${metadata.schemas[name]!}`.trim(),
    );
    const { oem, capabilities } = metadata;
    const named = (has: boolean) =>
      Object.entries(capabilities).flatMap(([name, value]) => (value === has ? [inWords(name)] : []));
    const makers = oem.length === 0 ? "" : `; ${oem.length} schemas of the maker's own, such as ${oem[0]!}`;
    const lacking = named(false).length === 0 ? "" : `; lacks ${named(false).join(", ")}`;
    return outcome(
      "pass",
      `lists ${versions.join(", ")}; knows ${named(true).join(", ") || "nothing of use"}${lacking}${makers}`,
    );
  } catch (error) {
    const isMissing = error instanceof RedfishError && error.code === "bmc-not-found";
    if (isMissing) return outcome("skip", "the BMC has no $metadata, which sushy-tools, for one, leaves out");
    return outcomeOf(error, "warn");
  }
};

function inWords(capability: string): string {
  return capability.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
