/** What documents for installers and first boots are written in; `cloud` is whatever cloud-init takes, and all else. */
export type DataLanguage = "ignition" | "kickstart" | "preseed" | "autoyast" | "cloud";

/** A document of these families says what it is within this. */
const LOOKED_AT_BYTES = 64 * 1024;

/** Finds out by its content what a document is written in. */
export function languageOf(document: Buffer): DataLanguage {
  const text = document.toString("latin1", 0, LOOKED_AT_BYTES);
  if (/^\s*\{/.test(text)) return isIgnition(document) ? "ignition" : "cloud";
  if (/^\s*(<\?xml|<!DOCTYPE|<profile)/.test(text)) return /<profile\b/.test(text) ? "autoyast" : "cloud";
  // What cloud-init tells apart by its first line (cloud-init, "User-data formats").
  if (/^(#cloud-|#!|#include|#part-handler|## template:|content-type:|mime-version:)/i.test(text))
    return "cloud";
  if (
    text.startsWith("#_preseed_V1") ||
    /^[a-z][a-z0-9-]*[ \t]+[a-z0-9-]+\/\S+[ \t]+(string|boolean|select|multiselect|note|password|seen)\b/m.test(
      text,
    )
  )
    return "preseed";
  if (
    /^#version=/m.test(text) ||
    /^%(packages|pre|post|include|addon|ksappend)\b/m.test(text) ||
    isKickstart(text)
  )
    return "kickstart";
  return "cloud";
}

/** Commands that every unattended kickstart has one of (pykickstart). */
function isKickstart(text: string): boolean {
  return /^(autopart|bootloader|clearpart|rootpw|ostreesetup|liveimg|zerombr)\b/m.test(text);
}

function isIgnition(document: Buffer): boolean {
  try {
    const json = JSON.parse(document.toString("utf8")) as { ignition?: { version?: unknown } };
    return typeof json.ignition?.version === "string";
  } catch {
    return false;
  }
}
