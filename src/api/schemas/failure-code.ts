import * as z from "zod";
import type { FailureCode } from "../../deploy/index.ts";
import { type Code, CODES } from "../problem.ts";

/** What a deployment or operation can fail of, and no request can. A code that is missing here does not compile. */
const LATER_CODES: Record<Exclude<FailureCode, Code>, true> = {
  "action-not-seen": true,
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
  "power-not-reached": true,
  "provision-url-loopback": true,
  "provision-url-missing": true,
  "slot-not-found": true,
  "step-timed-out": true,
};

/** Records of earlier releases may have others, so nothing is refused by this list. */
export const failureCode = z.string().meta({
  id: "FailureCode",
  enum: [...Object.keys(LATER_CODES), ...Object.keys(CODES)].toSorted(),
  description: "Stable; only ever added to",
});
