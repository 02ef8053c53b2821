// Knows deployments and operations: the record, its events and their fold, the plan, its steps and the runner.
// Must not know the queue, HTTP or SQL: what it needs kept, hinted or rung it declares as ports.
// Begin with plan.ts.
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
  callbackPath,
  discPath,
  type ExposedCallback,
  type ExposedDisc,
  type Exposures,
} from "./exposure.ts";
export { type DeploymentInput, type Intake, IntakeError, type IntakeErrorCode } from "./intake.ts";
export type { RecordState, RecordView, StepView, WaitingOn } from "./record.ts";
export type {
  DeploymentRequest,
  EjectPolicy,
  Finish,
  ImageSpec,
  OperationAction,
  OperationRequest,
  RequestSecrets,
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
