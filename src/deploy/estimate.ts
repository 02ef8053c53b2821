import { createHash } from "node:crypto";
import type { RecordView, StepView } from "./record.ts";
import { type DeploymentRequest, imagesOf } from "./request.ts";

/** What past deployments are alike by. An empty text stands for all of them. */
export interface Likeness {
  /** Maker and model of the machine, as its BMC tells them. */
  family: string;
  /** What is booted and written, and what counts as success. */
  image: string;
}

/** How long a step usually takes. */
export interface StepTime {
  step: string;
  /** Of the latest deployments, milliseconds. */
  meanMs: number;
  /** How many there were. */
  count: number;
}

/** Where step times are kept: a few rows for each family and image, however many deployments there were. */
export interface StepTimes {
  /** Adds those of one deployment to what is known of it and its like. */
  note(likeness: Likeness, times: readonly { step: string; tookMs: number }[]): Promise<void>;
  /** What is known of each, by `keyOf`; nothing is there of what was never noted. */
  find(likenesses: readonly Likeness[]): Promise<ReadonlyMap<string, readonly StepTime[]>>;
}

/** What is still to come of a deployment, judged by those before it. */
export interface Outlook {
  /** Zero when it takes longer than usual. */
  leftMs: number;
  /** Of the whole, from 0 to 1. */
  share: number;
  /** How many deployments this is judged by. */
  count: number;
}

/** @returns undefined for what is no deployment */
export function likenessOf({ request, facts }: Pick<RecordView, "request" | "facts">): Likeness | undefined {
  if (!("boot" in request)) return undefined;
  const system = (facts["bmc"] as { system?: { manufacturer?: string; model?: string } } | undefined)?.system;
  const family = [system?.manufacturer, system?.model].filter(Boolean).join(" ");
  return { family, image: imageKeyOf(request) };
}

/** Images by their digests where they have some: the same image may come from many places. */
export function imageKeyOf(request: DeploymentRequest): string {
  const images = imagesOf(request).map(([role, { url, checksum }]) => [role, checksum ?? url.split("?")[0]]);
  const { finish, purpose, agent } = request;
  const steps = agent?.steps.map((step) => [step.interface, step.step]) ?? [];
  const text = JSON.stringify([purpose, finish, images, steps]);
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}

/** Names one likeness among others. */
export const keyOf = ({ family, image }: Likeness): string => `${image} ${family}`;

/** Where to look for the times of a deployment: the same machine and image first, then any like it. */
export function likenessesOf({ family, image }: Likeness): Likeness[] {
  const all = [
    { family, image },
    { family: "", image },
    { family, image: "" },
    { family: "", image: "" },
  ];
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}

/** How long each step took that has ended; of a deployment that succeeded, or it would tell of what failed. */
export function tookOf({ steps }: Pick<RecordView, "steps">): { step: string; tookMs: number }[] {
  return steps.flatMap(({ name, startedAt, endedAt }) =>
    startedAt === null || endedAt === null
      ? []
      : [{ step: name, tookMs: Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) }],
  );
}

/** The times of each step, from the likeness that is closest. */
export function closestTimes(
  known: ReadonlyMap<string, readonly StepTime[]>,
  likeness: Likeness,
): ReadonlyMap<string, StepTime> {
  const times = new Map<string, StepTime>();
  for (const one of likenessesOf(likeness))
    for (const time of known.get(keyOf(one)) ?? []) if (!times.has(time.step)) times.set(time.step, time);
  return times;
}

/**
 * What is still to come of a deployment that runs.
 *
 * @returns undefined where nothing is known of the step that it is in, or it does not run
 */
export function lookOut(
  view: Pick<RecordView, "state" | "steps" | "startedAt">,
  times: ReadonlyMap<string, StepTime>,
  nowMs: number,
): Outlook | undefined {
  const { steps, startedAt, state } = view;
  const open = steps.filter((step) => ["pending", "running", "waiting"].includes(step.state));
  const inside = open.find((step) => step.state !== "pending") ?? open[0];
  const current = inside && times.get(inside.name);
  if (state !== "running" || startedAt === null || current === undefined) return undefined;
  const leftMs = open.reduce((sum, step) => sum + leftOf(step, times, nowMs), 0);
  const spentMs = Math.max(0, nowMs - Date.parse(startedAt));
  const share = spentMs + leftMs === 0 ? 0 : spentMs / (spentMs + leftMs);
  return { leftMs, share, count: current.count };
}

function leftOf({ name, startedAt }: StepView, times: ReadonlyMap<string, StepTime>, nowMs: number): number {
  const usualMs = times.get(name)?.meanMs ?? 0;
  return startedAt === null ? usualMs : Math.max(0, usualMs - (nowMs - Date.parse(startedAt)));
}
