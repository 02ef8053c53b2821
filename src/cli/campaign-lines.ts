import { type CampaignAnswer, type CampaignEventAnswer, showDuration } from "../client/index.ts";
import type { Paint } from "./paint.ts";
import { bar, cut } from "./progress-line.ts";
import { table } from "./words.ts";

export const CAMPAIGN_HEAD = ["ID", "NAME", "STATE", "DONE", "RUNNING", "FAILED", "NODES", "AGE"];

/** A campaign as a row of the list. */
export function campaignRow(campaign: CampaignAnswer, nowMs: number): string[] {
  const { id, name, state, percent, counts, createdAt } = campaign;
  const age = showDuration(nowMs - Date.parse(createdAt));
  return [id, name, state, `${percent} %`, ...[counts.running, counts.failed, counts.total].map(String), age];
}

const BAR = 24;

/** The line that lives: how many are over, how many run, what the others wait for, and about how long still. */
export function campaignLine(campaign: CampaignAnswer, nowMs: number, columns: number): string {
  const { counts, percent, state } = campaign;
  const over = counts.total - counts.waiting - counts.running;
  const parts = [
    `[${bar(percent, BAR)}]`,
    `${over} of ${counts.total}`,
    ...(counts.running > 0 ? [`${counts.running} running`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...etaWords(campaign, nowMs),
    ...(state === "running" ? waitWords(campaign) : [sayState(campaign)]),
  ];
  return cut(parts.join("  "), columns - 1);
}

function etaWords({ etaAt }: CampaignAnswer, nowMs: number): string[] {
  const leftMs = etaAt === null ? 0 : Date.parse(etaAt) - nowMs;
  return leftMs > 0 ? [`about ${showDuration(leftMs)} left`] : [];
}

/** What most of those that wait do wait for. */
function waitWords({ waitingOn }: CampaignAnswer): string[] {
  const [most] = waitingOn.toSorted((a, b) => b.nodes - a.nodes);
  return most === undefined ? [] : [`${most.nodes} wait for ${most.what}`];
}

function sayState({ state, paused }: CampaignAnswer): string {
  if (paused === null) return state;
  return `paused ${paused.by === null ? REASONS[paused.reason] : `by ${paused.by}`}`;
}

const REASONS = {
  asked: "as asked",
  "max-failures": "since too many have failed",
  "canary-failed": "since a canary has failed",
};

/** What events of campaigns have, each type some of it. */
interface Facts {
  node?: { name: string };
  deploymentId?: string | null;
  code?: string | null;
  reason?: keyof typeof REASONS;
  by?: string | null;
}

/** An event as one line; null for those that the numbers tell as well. */
export function sayCampaignEvent(event: CampaignEventAnswer): string | null {
  const { node, deploymentId, code, reason, by } = event as CampaignEventAnswer & Facts;
  switch (event.type) {
    case "node-failed": {
      const where = deploymentId ? `: trayload deployment show ${deploymentId}` : "";
      return `${node?.name} failed${code ? ` (${code})` : ""}${where}`;
    }
    case "node-skipped":
      return `${node?.name} is left out (${code})`;
    case "canary-passed":
      return "the canaries have succeeded; the others begin";
    case "paused":
      return `paused ${by ? `by ${by}` : REASONS[reason ?? "asked"]}`;
    case "resumed":
      return `resumed by ${by}`;
    case "cancel-requested":
      return `cancel requested by ${by}`;
    default:
      return null;
  }
}

/** Everything of a campaign. */
export function campaignDetails(campaign: CampaignAnswer, nowMs: number): string[] {
  const { id, name, counts, percent, request, limits, windows, weight, createdBy, createdAt, window } =
    campaign;
  const { retryOf, retriedAs } = campaign;
  const set = Object.entries(limits).filter(([, value]) => value !== null && value !== 0);
  const rows: [string, string][] = [
    ["campaign", `${name}  ${id}`],
    ["state", sayState(campaign)],
    ["nodes", countWords(counts)],
    ["done", [`${percent} %`, ...etaWords(campaign, nowMs)].join(", ")],
    ...Object.entries(request.boot).flatMap(([role, image]): [string, string][] =>
      image === null ? [] : [[role, image.url]],
    ),
    ["finish, eject", `${request.finish}, ${request.eject}`],
    ["limits", set.map(([limit, value]) => `${limit} ${value}`).join(", ")],
    ...windows.map(({ days, from, to, timeZone }): [string, string] => [
      "window",
      `${days.length === 0 ? "every day" : days.join(", ")} ${from} to ${to} ${timeZone}`,
    ]),
    ...(window?.opensAt ? [["opens at", window.opensAt] as [string, string]] : []),
    ...(weight === 1 ? [] : [["weight", String(weight)] as [string, string]]),
    ...(retryOf === null ? [] : [["retry of", retryOf] as [string, string]]),
    ...(retriedAs === null ? [] : [["retried as", retriedAs] as [string, string]]),
    ["made", `by ${createdBy}, ${showDuration(nowMs - Date.parse(createdAt))} ago`],
  ];
  const waits = campaign.waitingOn.map(({ nodes, what }) => `  ${nodes} wait for ${what}`);
  return [...table(rows), ...(waits.length === 0 ? [] : ["", ...waits])];
}

function countWords({ total, ...counts }: CampaignAnswer["counts"]): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return `${total}: ${some.map(([state, count]) => `${count} ${state}`).join(", ")}`;
}

const COLOURS = { succeeded: "green", failed: "red", cancelled: "yellow" } as const;

/** The end of a campaign, with what to do next. */
export function campaignOutcome(campaign: CampaignAnswer, paint: Paint): string[] {
  const { id, name, state, counts, createdAt, endedAt } = campaign;
  if (state !== "succeeded" && state !== "failed" && state !== "cancelled") return [`${state}: ${name}`];
  const took = endedAt === null ? "" : ` after ${showDuration(Date.parse(endedAt) - Date.parse(createdAt))}`;
  const advice = [
    `  What failed, and why: trayload campaign nodes ${id} --state failed`,
    `  To deploy these again: trayload campaign retry ${id}`,
  ];
  return [
    `${paint(COLOURS[state], state)}${took}: ${name}, ${countWords(counts)}`,
    ...(counts.failed > 0 ? advice : []),
  ];
}
