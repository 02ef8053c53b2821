import { ImageError } from "../errors.ts";

/** What the agent calls the disc that it was booted from (ironic-python-agent, hardware.py and utils.py). */
const AGENT_LABEL = "VMEDIA_BOOT_ISO";
/** What cloud-init, ignition and the agent call a config drive (OpenStack, "Config drives"). */
const CONFIG_LABEL = "config-2";

/**
 * The volume label of a disc: what was asked for, else what readers of its files look for.
 *
 * @throws ImageError `disc-label-invalid`
 */
export function chooseLabel(asked: string | undefined, paths: readonly string[]): string {
  if (asked === undefined)
    return paths.some((path) => path.startsWith("/openstack/")) ? CONFIG_LABEL : AGENT_LABEL;
  checkLabel(asked);
  return asked;
}

/** @throws ImageError `disc-label-invalid` */
export function checkLabel(asked: string): void {
  if (/^[\x21-\x7e](?:[\x20-\x7e]{0,30}[\x21-\x7e])?$/.test(asked)) return;
  throw new ImageError(`${JSON.stringify(asked.slice(0, 60))} cannot be a volume label`, {
    code: "disc-label-invalid",
    retryable: false,
    hint: "Use 1 to 32 printable ASCII characters, without a blank at either end.",
  });
}
