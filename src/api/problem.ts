import { ImageError, type ImageErrorCode } from "../images/index.ts";
import { IntakeError, type IntakeErrorCode } from "../deploy/index.ts";
import { NodeError, type NodeErrorCode } from "../nodes/index.ts";
import { CampaignError, type CampaignErrorCode } from "../campaigns/index.ts";
import { WebhookError, type WebhookErrorCode } from "../webhooks/index.ts";

/** Kinds of refusal of the API itself; public and documented, so only ever added to. */
export type ApiCode =
  | "unauthorized"
  | "too-many-failed-logins"
  | "forbidden"
  | "too-many-requests"
  | "token-name-in-use"
  | "token-not-found"
  | "cross-site-request"
  | "oidc-not-set-up"
  | "log-in-stale"
  | "log-in-refused"
  | "log-in-unavailable"
  | "route-not-found"
  | "method-not-allowed"
  | "media-type-unsupported"
  | "not-acceptable"
  | "body-too-large"
  | "body-too-deep"
  | "json-invalid"
  | "unknown-field"
  | "invalid-field"
  | "invalid-query"
  | "invalid-header"
  | "idempotency-key-reused"
  | "idempotency-in-progress"
  | "image-unknown"
  | "inventory-unknown"
  | "agent-log-unknown"
  | "shutting-down"
  | "database-unavailable"
  | "internal-error";

export type Code =
  | ApiCode
  | IntakeErrorCode
  | NodeErrorCode
  | ImageErrorCode
  | WebhookErrorCode
  | CampaignErrorCode;

/** Each code with its HTTP status and title. One table, so that a code without a status does not compile. */
export const CODES: Record<Code, readonly [status: number, title: string]> = {
  unauthorized: [401, "A valid token is needed"],
  "too-many-failed-logins": [429, "Too many failed log-ins"],
  forbidden: [403, "The token's role does not allow this"],
  "too-many-requests": [429, "Too many requests"],
  "token-name-in-use": [409, "The name belongs to another token"],
  "token-not-found": [404, "There is no such token"],
  "campaign-not-found": [404, "There is no such campaign"],
  "campaign-finished": [409, "The campaign has ended"],
  "campaign-not-retryable": [409, "There is nothing of the campaign to be deployed again"],
  "campaign-unfit": [422, "Some nodes cannot be deployed as asked"],
  "campaign-size-unexpected": [422, "Another number of nodes was found"],
  "campaign-nodes-missing": [422, "Some nodes cannot be found"],
  "campaign-moved-on": [409, "The campaign wants no deployment of this node any more"],
  "webhook-not-found": [404, "There is no such webhook"],
  "delivery-not-found": [404, "There is no such delivery"],
  "webhook-not-allowed": [422, "Webhooks may not go there"],
  "webhook-secret-invalid": [422, "The webhook's secret is not valid"],
  "cross-site-request": [403, "The request comes from another site"],
  "oidc-not-set-up": [404, "No provider of log-ins is known"],
  "log-in-stale": [400, "The log-in must begin anew"],
  "log-in-refused": [403, "The log-in is refused"],
  "log-in-unavailable": [502, "The provider of log-ins cannot be asked"],
  "route-not-found": [404, "There is nothing at this path"],
  "method-not-allowed": [405, "This path does not know the method"],
  "media-type-unsupported": [415, "The body must be application/json"],
  "not-acceptable": [406, "None of the accepted types can be given"],
  "body-too-large": [413, "The body is too large"],
  "body-too-deep": [400, "The body is nested too deeply"],
  "json-invalid": [400, "The body is not JSON"],
  "unknown-field": [422, "A field is not known"],
  "invalid-field": [422, "A field is not valid"],
  "invalid-query": [400, "A query parameter is not valid"],
  "invalid-header": [400, "A header is not valid"],
  "idempotency-key-reused": [422, "The idempotency key was used for another body"],
  "idempotency-in-progress": [409, "A request with this idempotency key is still in progress"],
  "shutting-down": [503, "The server is stopping"],
  "database-unavailable": [503, "The server's database cannot be used now"],
  "internal-error": [500, "Something went wrong on the server"],
  "node-not-found": [404, "There is no such node"],
  "node-busy": [409, "The node is busy"],
  "node-protected": [409, "The node is protected"],
  "node-name-in-use": [409, "The name belongs to another node"],
  "bmc-in-use": [409, "The BMC belongs to another node"],
  "node-version-stale": [412, "The node has changed since"],
  "node-deploying": [409, "The node is in use by a deployment"],
  "node-field-invalid": [422, "A field of the node is not valid"],
  "secret-unreadable": [500, "A secret of the node cannot be opened"],
  "master-key-invalid": [500, "The master key file is not valid"],
  "deployment-not-found": [404, "There is no such deployment"],
  "operation-not-found": [404, "There is no such operation"],
  "deployment-finished": [409, "The deployment has ended"],
  "deployment-not-finished": [409, "The deployment has not ended"],
  "deployment-not-retryable": [409, "Only failed and cancelled deployments can be retried"],
  "callback-secret-in-use": [409, "The call-back secret is in use"],
  "callback-unreachable": [422, "No call-back could ever come"],
  "eject-too-early": [422, "The disc would be ejected while it is needed"],
  "image-not-allowed": [422, "The image's URL is not allowed"],
  "checksum-invalid": [422, "The checksum is not valid"],
  "checksum-required": [422, "A checksum is needed"],
  "image-unknown": [404, "The store has no such image"],
  "inventory-unknown": [404, "The node was never inspected"],
  "agent-log-unknown": [404, "No log of the agent is kept"],
  "image-unreachable": [502, "The image's source cannot be reached"],
  "image-not-found": [422, "The image's source has no such image"],
  "image-access-denied": [422, "The image's source lets nobody in as asked"],
  "image-certificate-untrusted": [422, "The certificate of the image's source is not trusted"],
  "image-checksum-mismatch": [422, "The image is not what was asked for"],
  "image-not-bootable": [422, "The image cannot be booted"],
  "image-unsafe": [422, "The image could do harm"],
  "image-format-mismatch": [422, "The image is of another format"],
  "image-format-not-permitted": [422, "The image's format is not permitted"],
  "iso-not-writable": [422, "An ISO is no disk image"],
  "iso-damaged": [422, "The ISO is damaged"],
  "iso-unsupported": [422, "The ISO is of a kind that cannot be customised"],
  "iso-is-udf": [422, "The ISO is read as UDF, which cannot be customised"],
  "iso-signed-kernel": [422, "The ISO's kernel arguments are signed"],
  "iso-no-boot-menu": [422, "The ISO has no boot menu that is known"],
  "iso-media-check": [422, "The ISO would refuse itself when changed"],
  "iso-no-room": [422, "The ISO has no room for the change"],
  "iso-already-customised": [422, "The ISO was customised before"],
  "iso-data-not-read": [422, "Nothing on the ISO would read the data"],
  "image-member-not-found": [422, "The image's archive has no such member"],
  "image-too-large": [422, "The image is too large"],
  "image-in-use": [409, "The image is in use"],
  "image-store-full": [507, "The image store is full"],
  "bootloader-not-found": [422, "No boot loader was found"],
  "data-not-read": [422, "Nothing that boots would read the data"],
  "disc-label-invalid": [422, "The disc's label is not valid"],
  "config-drive-invalid": [422, "The config drive is not one"],
  "files-invalid": [422, "The disc's files are not valid"],
  "kernel-args-invalid": [422, "The kernel arguments are not valid"],
  "root-device-invalid": [422, "The root device hints are not valid"],
  "write-invalid": [422, "This cannot be written"],
  "instance-data-unread": [422, "Nothing would read the data"],
  "boot-missing": [422, "Nothing to boot was named"],
  "agent-images-missing": [422, "No images of the agent are known"],
  "agent-steps-invalid": [422, "The agent's steps are not valid"],
  "confirm-needed": [422, "What would be destroyed must be confirmed"],
  "finish-unsupported": [422, "This finish cannot be had"],
  "second-disc-unfit": [422, "A second disc cannot carry what is asked"],
  "blob-not-found": [422, "A part that was sent ahead is gone"],
  "network-data-invalid": [422, "The network data are not valid"],
  "network-data-unsupported": [422, "What boots cannot be told these network data"],
};

/** One field that is to be corrected; the path is like `boot.iso.url`. */
export interface FieldError {
  path: string;
  message: string;
}

interface ProblemFacts {
  hint?: string | undefined;
  errors?: FieldError[];
  headers?: Record<string, string>;
}

/** A request that the API itself refuses. Its message becomes `detail`, and so never repeats a secret. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ApiCode | "node-not-found" | "deployment-not-found" | "operation-not-found";
  readonly hint: string | undefined;
  readonly errors: FieldError[];
  readonly headers: Record<string, string>;

  constructor(code: Problem["code"], message: string, facts: ProblemFacts = {}) {
    super(message);
    this.code = code;
    this.hint = facts.hint;
    this.errors = facts.errors ?? [];
    this.headers = facts.headers ?? {};
  }
}

/** What is answered for an error. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: Code;
  hint?: string;
  errors?: FieldError[];
  deploymentId?: string;
  operationId?: string;
}

/** Describes any error as RFC 9457 wants it; what nobody foresaw is told to the log alone. */
export function describeProblem(error: unknown): ProblemBody {
  if (error instanceof Problem) return body(error.code, error.message, error.hint, error.errors);
  if (error instanceof ImageError) return body(error.code, error.message, error.hint, []);
  if (error instanceof WebhookError) {
    const errors = error.field === undefined ? [] : [{ path: error.field, message: error.message }];
    return body(error.code, error.message, error.hint, errors);
  }
  if (error instanceof CampaignError) return body(error.code, error.message, error.hint, error.fields);
  if (error instanceof NodeError) return body(error.code, error.message, error.hint, error.fields);
  if (error instanceof IntakeError) {
    const { inTheWay } = error;
    const blocking = inTheWay?.startsWith("dep_") ? { deploymentId: inTheWay } : { operationId: inTheWay };
    return {
      ...body(error.code, error.message, error.hint, error.fields),
      ...(inTheWay === undefined ? {} : (blocking as { deploymentId: string } | { operationId: string })),
    };
  }
  if (isDatabaseAway(error))
    return body(
      "database-unavailable",
      "The server does not reach its database, or has no room for it; its log says which.",
      "Ask again in a while. A POST that is repeated with its Idempotency-Key does nothing twice.",
      [],
    );
  return body(
    "internal-error",
    "The request could not be answered; the server's log says why.",
    undefined,
    [],
  );
}

/** Said by its words, since this room knows no database. */
function isDatabaseAway(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === "DatabaseError" &&
    "retryable" in error &&
    error.retryable === true
  );
}

function body(code: Code, detail: string, hint: string | undefined, errors: FieldError[]): ProblemBody {
  const [status, title] = CODES[code];
  return {
    type: `urn:trayload:problem:${code}`,
    title,
    status,
    detail,
    code,
    ...(hint === undefined ? {} : { hint }),
    ...(errors.length === 0 ? {} : { errors }),
  };
}
