import { showAge } from "../words.ts";
import { type DeploymentAnswer, type Step, showDuration } from "../../../client/index.ts";
import { clock } from "./boxes.tsx";

const MARKS: Record<Step["state"], string> = {
  pending: "",
  running: "●",
  waiting: "●",
  done: "✓",
  skipped: "–",
  failed: "✗",
};

/** The plan from top to bottom: what is done, what is under way, what is to come. */
export function Timeline({ deployment, nowMs }: { deployment: DeploymentAnswer; nowMs: number }) {
  return (
    <ol class="timeline">
      {deployment.steps.map((step) => (
        <li
          key={step.name}
          class={`step step-${step.state}`}
          {...(step.name === deployment.step ? { "aria-current": "step" } : {})}
        >
          <span class="mark" aria-hidden="true">
            {MARKS[step.state]}
          </span>
          <span class="name">{step.name}</span>
          <span class="time">{took(step, nowMs)}</span>
          <span class="detail">{detail(step)}</span>
        </li>
      ))}
    </ol>
  );
}

function took({ startedAt, endedAt }: Step, nowMs: number): string {
  if (startedAt === null) return "";
  return endedAt === null
    ? showAge(nowMs - Date.parse(startedAt))
    : showDuration(Date.parse(endedAt) - Date.parse(startedAt));
}

function detail({ state, startedAt, attempts }: Step): string {
  const parts = [
    state,
    ...(startedAt === null ? [] : [`from ${clock(startedAt)}`]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
  ];
  return state === "pending" ? "" : parts.join(" · ");
}
