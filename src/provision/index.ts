// Knows the listener that BMCs, ramdisks and installers see: secret paths, who reads discs, agents and call-backs.
// Must not decide anything about a deployment: it serves what is exposed, counts, and writes what came in to the inbox.
// Begin with provision.ts.
export { ProvisionError, type ProvisionErrorCode } from "./errors.ts";
export { createProvision, type Provision } from "./provision.ts";
export type { ProvisionLimits, ProvisionParts, RefusedCall } from "./parts.ts";
