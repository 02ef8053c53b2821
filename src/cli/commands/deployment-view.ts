import { type DeploymentAnswer, showBytes, showDuration } from "../../client/index.ts";
import { failureLines, outcomeLines } from "../outcome.ts";
import type { Paint } from "../paint.ts";
import { table } from "../words.ts";

export const LIST_HEAD = ["ID", "NODE", "STATE", "STEP", "DISC", "AGE", "ERROR"];

/** A deployment as a row of the list. */
export function deploymentRow(deployment: DeploymentAnswer, nowMs: number): string[] {
  const { id, node, state, step, progress, createdAt, error } = deployment;
  const age = showDuration(nowMs - Date.parse(createdAt));
  return [
    id,
    node.name,
    state,
    step ?? "-",
    progress === null ? "-" : `${progress.percent} %`,
    age,
    error?.code ?? "",
  ];
}

export const LIST_HEAD_WIDE = [...LIST_HEAD.slice(0, -1), "PURPOSE", "FINISH", "CREATED", "LABELS", "ERROR"];

/** The same with more of it, and the error's message. */
export function deploymentRowWide(deployment: DeploymentAnswer, nowMs: number): string[] {
  const { request, createdAt, error } = deployment;
  const labels = Object.entries(request.labels).map(([name, value]) => `${name}=${value}`);
  const more = [request.purpose, request.finish, createdAt, labels.join(",") || "-"];
  const why = error === null ? "" : `${error.code}: ${error.message}`;
  return [...deploymentRow(deployment, nowMs).slice(0, -1), ...more, why];
}

/** Everything of a deployment. */
export function deploymentDetails(deployment: DeploymentAnswer, nowMs: number, paint: Paint): string[] {
  const { id, node, state, request, progress, evidence, warnings, retryOf, retriedAs } = deployment;
  const rows: [string, string][] = [
    ["deployment", id],
    ["machine", node.name],
    ["state", state],
    ...Object.entries(request.boot).flatMap(([role, image]): [string, string][] =>
      image === null ? [] : [[role, `${image.url}${image.checksum === null ? "" : `  ${image.checksum}`}`]],
    ),
    ["finish, eject", `${request.finish}, ${request.eject}`],
    ...(retryOf === null ? [] : [["retry of", retryOf] as [string, string]]),
    ...(retriedAs ? [["retried as", retriedAs] as [string, string]] : []),
    ...(progress === null
      ? []
      : [
          [
            "disc",
            `${progress.percent} %, ${showBytes(progress.discBytesRead)} of ${showBytes(progress.discSizeBytes)} read`,
          ] as [string, string],
        ]),
    ...evidence.map(
      ({ what, how, strength }) => ["proof", `${what}: ${how} (${strength})`] as [string, string],
    ),
    ...warnings.map((text) => ["warning", text] as [string, string]),
  ];
  return [
    ...table(rows),
    "",
    ...table(stepRows(deployment, nowMs)),
    ...waitingLines(deployment, nowMs),
    ...endLines(deployment, paint),
  ];
}

function stepRows({ steps }: DeploymentAnswer, nowMs: number): string[][] {
  return steps.map(({ name, state, startedAt, endedAt, attempts }) => {
    const endMs = endedAt === null ? nowMs : Date.parse(endedAt);
    const took = startedAt === null ? "" : showDuration(endMs - Date.parse(startedAt));
    return [`  ${name}`, state, took, attempts > 1 ? `${attempts} attempts` : ""];
  });
}

function waitingLines({ waitingOn }: DeploymentAnswer, nowMs: number): string[] {
  if (waitingOn === null) return [];
  const { what, since, until, cause, next } = waitingOn;
  const left = showDuration(Date.parse(until) - nowMs);
  return [
    "",
    `waits for ${what}, for ${showDuration(nowMs - Date.parse(since))}, at most ${left} more`,
    ...(cause === null ? [] : [`  because: ${cause}`]),
    ...(next === null ? [] : [`  then: ${next}`]),
  ];
}

function endLines(deployment: DeploymentAnswer, paint: Paint): string[] {
  if (deployment.final) return ["", ...outcomeLines(deployment, paint)];
  return deployment.error === null ? [] : ["", ...failureLines(deployment.error, deployment.node.name)];
}
