// Knows one BMC: how to reach it, log in, ask and be refused.
// Must not know deployments, the queue, SQL or who asked; what it needs kept it declares as a port.
// Begin with client.ts.
export {
  type Answer,
  type ClientOptions,
  createRedfishClient,
  type Exchange,
  type Method,
  type RedfishClient,
} from "./client.ts";
export { RedfishError, type RedfishErrorCode } from "./errors.ts";
export { type ExtendedMessage, isMessage, readExtendedInfo } from "./extended-info.ts";
export type { TlsMode } from "./tls.ts";
