import * as z from "zod";
import type { FailureCode } from "../../deploy/index.ts";
import { type Code, CODES } from "../problem.ts";

/** What a deployment or operation can fail of, and no request can. A code that is missing here does not compile. */
const LATER_CODES: Record<Exclude<FailureCode, Code>, true> = {
  "action-not-seen": true,
  "agent-answer-unreadable": true,
  "agent-busy": true,
  "agent-certificate-changed": true,
  "agent-command-failed": true,
  "agent-coreos-invalid": true,
  "agent-lost": true,
  "agent-not-heard": true,
  "agent-outcome-unknown": true,
  "agent-refused": true,
  "agent-rejected": true,
  "agent-restarted": true,
  "agent-step-timed-out": true,
  "agent-step-unknown": true,
  "agent-timed-out": true,
  "agent-token-refused": true,
  "agent-unreachable": true,
  "agent-version-changed": true,
  "bmc-access-denied": true,
  "bmc-answer-unreadable": true,
  "bmc-busy": true,
  "bmc-certificate-changed": true,
  "bmc-certificate-untrusted": true,
  "bmc-failed": true,
  "bmc-not-found": true,
  "bmc-rejected": true,
  "bmc-timed-out": true,
  "bmc-unreachable": true,
  "bmc-unsupported": true,
  "boot-override-not-kept": true,
  "deployment-timed-out": true,
  "disc-not-reached": true,
  "disc-not-read": true,
  "installer-failed": true,
  "media-not-inserted": true,
  "node-in-use": true,
  "part-too-large": true,
  "power-not-reached": true,
  "provision-url-loopback": true,
  "provision-url-missing": true,
  "restored-from-backup": true,
  "secure-boot-not-set": true,
  "secure-boot-unsupported": true,
  "slot-not-found": true,
  "step-timed-out": true,
};

/** Records of earlier releases may have others, so nothing is refused by this list. */
export const failureCode = z.string().meta({
  id: "FailureCode",
  enum: [...Object.keys(LATER_CODES), ...Object.keys(CODES)].toSorted(),
  description: "Stable; only ever added to",
});
