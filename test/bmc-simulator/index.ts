/**
 * A lab of simulated BMCs, each an HTTP(S) origin of its own with a machine behind it, for testing whatever speaks
 * Redfish. It must import nothing from src/, so that a misreading of the standard there is not repeated here. Begin
 * with `startLab` in lab.ts and the verbs in control.ts; README.md tells how to run and steer it by hand.
 */
export type { BmcIdentity, SimulatedBmc } from "./control.ts";
export type { Fault, Hold, Match, Storm } from "./faults.ts";
export { type Lab, type LabOptions, startLab } from "./lab.ts";
export type { Boot, BootRecord, BootState, Machine, MachineFactory } from "./machine.ts";
export { asModelMachine, type ModelMachine, modelMachines } from "./model-machine.ts";
export type { ModelOptions, Script, ScriptStep } from "./model-options.ts";
export type { Pace } from "./pace.ts";
export type { Profile, Refusal } from "./profile.ts";
export { FAMILIES, profileNamed, PROFILES } from "./profiles.ts";
export { type ProfileChanges, variantOf } from "./variant.ts";
export type { Action, LoggedRequest } from "./request-log.ts";
