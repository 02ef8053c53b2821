import { checkLabel } from "../compose/label.ts";
import type { IsoReport } from "../iso.ts";
import { refusal } from "../iso9660/damage.ts";
import type { BootText } from "./find-menus.ts";
import type { Layout } from "./layout.ts";

/** Where a descriptor has the label, and how long it is (ECMA-119, 8.4.7). */
const LABEL_AT = 40;
const LABEL_BYTES = 32;

/**
 * Gives every tree that is patched another volume label.
 *
 * @returns whether anything was to be done
 * @throws ImageError `disc-label-invalid` also where the image finds itself by its label
 */
export async function relabel(
  { overlay, volumes }: Layout,
  {
    texts,
    report: { volumeLabel },
    changes: { label },
  }: { texts: readonly BootText[]; report: IsoReport; changes: { label?: string | undefined } },
): Promise<boolean> {
  if (label === undefined || label === volumeLabel) return false;
  checkLabel(label);
  const user = volumeLabel === "" ? undefined : texts.find(({ text }) => names(text, volumeLabel));
  if (user !== undefined) throw isLookedFor(volumeLabel, user.path);
  for (const { descriptorAt, kind } of volumes)
    await overlay.write(descriptorAt + LABEL_AT, kind === "joliet" ? inUcs2(label) : inAscii(label));
  return true;
}

/** Blanks in a label stand in menus as they are, or as what udev makes of them. */
function names(text: string, label: string): boolean {
  return [label, label.replaceAll(" ", "\\x20"), label.replaceAll(" ", "_")].some((form) =>
    text.includes(form),
  );
}

const inAscii = (label: string): Buffer => Buffer.from(label.padEnd(LABEL_BYTES), "latin1");

/** Half as many characters have room in Joliet's, big end first. */
function inUcs2(label: string): Buffer {
  const characters = LABEL_BYTES / 2;
  return Buffer.from(label.slice(0, characters).padEnd(characters), "utf16le").swap16();
}

function isLookedFor(label: string, path: string): Error {
  return refusal(
    "disc-label-invalid",
    `The ISO image finds itself by its volume label ${label}, which ${path} names, so it must keep that`,
    "Leave out discLabel.",
  );
}
