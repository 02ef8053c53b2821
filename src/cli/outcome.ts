import { type DeploymentAnswer, type Failure, showDuration } from "../client/index.ts";
import { EXIT, type Exit } from "./exit.ts";
import type { Paint } from "./paint.ts";

/** The exit status that stands for how a deployment or operation ended. */
export function exitOf(state: "queued" | "running" | "succeeded" | "failed" | "cancelled"): Exit {
  if (state === "failed") return EXIT.failed;
  return state === "cancelled" ? EXIT.cancelled : EXIT.succeeded;
}

/** Policies by which the disc outlasts its deployment. */
const STAYING = new Set(["on-reboot", "when-booted", "never"]);

/** The end of a deployment in a few lines, with what to do next. */
export function outcomeLines(deployment: DeploymentAnswer, paint: Paint): string[] {
  const { id, node, state, clean, error, startedAt, endedAt, evidence, request } = deployment;
  const took =
    startedAt === null || endedAt === null
      ? ""
      : ` after ${showDuration(Date.parse(endedAt) - Date.parse(startedAt))}`;
  const left =
    clean === false
      ? [`  The BMC was not left clean; trayload node show ${node.name} says what is owed.`]
      : [];
  switch (state) {
    case "succeeded": {
      const proof = evidence.map(({ what }) => what).join(", ");
      return [
        `${paint("green", "succeeded")}${took}: ${node.name}${proof === "" ? "" : `, proven by ${proof}`}`,
        ...(STAYING.has(request.eject)
          ? [
              `  The disc stays in its slot (eject ${request.eject}); trayload node eject ${node.name} takes it out.`,
            ]
          : []),
        ...left,
      ];
    }
    case "failed":
      return [
        `${paint("red", "failed")}${took}: ${node.name}${error?.step ? ` in step ${error.step}` : ""}`,
        ...(error === null ? [] : failureLines(error, node.name)),
        ...left,
        `  Once that is mended: trayload deployment retry ${id} --watch`,
      ];
    case "cancelled":
      return [`${paint("yellow", "cancelled")}${took}: ${node.name}`, ...left];
    case "queued":
    case "running":
      return [`${state}: ${node.name}`];
    default:
      return state satisfies never;
  }
}

/** @param node its name, put where a hint says `<node>`, so that its command can be run as it stands */
export function failureLines({ code, message, hint, cause }: Failure, node: string): string[] {
  return [
    `  ${message} (${code})`,
    ...[...new Set(cause)].map((text) => `  because: ${text}`),
    ...(hint === null ? [] : [`  hint: ${forNode(hint, node)}`]),
  ];
}

export function forNode(hint: string, node: string): string {
  return hint.replaceAll("<node>", node);
}
