/**
 * A recorded tree served as a BMC that can be changed. It knows the layout of recordings and nothing of families: what a
 * tree does not say is as the standard has it. Begin with `openTree`.
 */
import type { Drives } from "../drives.ts";
import type { Host } from "../host.ts";
import type { Machine } from "../machine.ts";
import type { Profile } from "../profile.ts";
import { at, type RecordedTree, readTree, textAt } from "./recorded-tree.ts";
import { readReplay, type Replay } from "./replay.ts";
import { findParts, type TreeParts } from "./tree-parts.ts";
import { profileOf } from "./tree-profile.ts";

export { createTreeRedfish } from "./tree-redfish.ts";

export interface ServedTree {
  tree: RecordedTree;
  parts: TreeParts;
  profile: Profile;
}

/** @throws RangeError for a folder without a service root */
export function openTree(folder: string): ServedTree {
  const tree = readTree(folder);
  const parts = findParts(tree);
  return { tree, parts, profile: profileOf(tree, parts) };
}

/** The same of a BMC that was recorded while it was asked. @throws RangeError for a conversation without a service root */
export function openReplay(file: string): ServedTree & { outcomes: Replay["outcomes"] } {
  const { tree, outcomes } = readReplay(file);
  const parts = findParts(tree);
  return { tree, parts, profile: profileOf(tree, parts), outcomes };
}

/** Puts media, override and power into the state that was recorded. */
export function beginAsRecorded(
  { parts, profile }: ServedTree,
  { host, drives, machine }: { host: Host; drives: Drives; machine: Machine },
): void {
  for (const [index, { body }] of parts.slots.entries())
    if (body["Inserted"] === true)
      Object.assign(drives.all[index]!, { image: textAt(body, "Image") ?? "", inserted: true });
  const boot = at((parts.settings ?? parts.system)?.body, "Boot");
  const text = (name: string) => textAt(boot, `BootSourceOverride${name}`);
  const { enabled, target, mode } = host.override;
  host.setOverride({
    enabled: text("Enabled") ?? enabled,
    target: text("Target") ?? target,
    mode: profile.boot.modes === null ? null : (text("Mode") ?? mode),
    httpUri: textAt(boot, "HttpBootUri") ?? null,
  });
  const isOn = textAt(parts.system?.body, "PowerState") === "On";
  if (isOn) machine.powerOn({ disc: null, from: "disk", mode: profile.boot.firmware });
}
