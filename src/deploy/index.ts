// Knows deployments and operations: the record, its events and their fold, the plan, its steps and the runner.
// Must not know the queue, HTTP or SQL: what it needs kept, hinted or rung it declares as ports.
// Begin with plan.ts.
export { checkRootDevice } from "../agent/index.ts";
export type {
  DeployEvent,
  EventBody,
  Evidence,
  Facts,
  Failure,
  IntendedAction,
  PlannedStep,
} from "./events.ts";
export {
  agentPath,
  callbackPath,
  discPath,
  eventsPath,
  type ExposedAgent,
  type ExposedCallback,
  type ExposedDisc,
  type ExposedEvents,
  type ExposedFile,
  type Exposure,
  type Exposures,
  filePath,
  placeOfExtents,
} from "./exposure.ts";
export { type FailureCode, StepError, type StepErrorCode } from "./errors.ts";
export { begin, fold, foldAll, isFinal } from "./fold.ts";
export { type DeploymentInput, IntakeError, type IntakeErrorCode } from "./input.ts";
export { type Asker, createIntake, type Intake } from "./intake.ts";
export { interrupt } from "./interrupt.ts";
export { lateEventOf } from "./late.ts";
export {
  AGENT_IMAGES,
  type AgentImagePair,
  type AgentImages,
  type AgentImageSettings,
  type AgentImageSettingsInput,
  type AgentImageStore,
} from "./agent/images.ts";
export type { NodeInventory } from "./agent/inventory.ts";
export type { AgentStepInput } from "./agent/job.ts";
export type {
  AgentAccess,
  DiscOrder,
  ImageAccess,
  Inventories,
  Log,
  MadeDisc,
  NodeAccess,
  Parts,
  Seals,
} from "./parts.ts";
export { isLoopback, type ProvisionSettings } from "./provision-url.ts";
export {
  closestTimes,
  imageKeyOf,
  keyOf,
  type Likeness,
  likenessesOf,
  likenessOf,
  lookOut,
  type Outlook,
  type StepTime,
  type StepTimes,
  tookOf,
} from "./estimate.ts";
export type { DataName, FileSpec, PartInput, PartSpec } from "./request-parts.ts";
export { lowestId } from "./plan.ts";
export { createRunner, type Runner } from "./runner.ts";
export { hashOf } from "./secret.ts";
export type { Transcripts } from "./transcripts.ts";
export { createSteps } from "./steps/index.ts";
export { DEFAULT_TIMING, type Timing } from "./timing.ts";
export type { RecordState, RecordView, StepView, WaitingOn } from "./record.ts";
export { type BootSpec, imageRequest, imagesOf, type ImageRole } from "./request.ts";
export type {
  DeploymentRequest,
  EjectPolicy,
  Finish,
  ImageSpec,
  OperationAction,
  OperationRequest,
  RequestSecrets,
  WriteSpec,
} from "./request.ts";
export type {
  Bell,
  Claim,
  Commit,
  CommitResult,
  Hint,
  Hints,
  InboxItem,
  NewRecord,
  RecordQuery,
  RecordStore,
} from "./store.ts";
export { REQUEST_BLOB_BYTES, type RequestBlob, type RequestBlobs } from "./blobs.ts";
