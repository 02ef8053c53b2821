import { setTimeout as sleep } from "node:timers/promises";
import { type CampaignAnswer, type CampaignEventAnswer, showDuration } from "../client/index.ts";
import { campaignLine, campaignOutcome, sayCampaignEvent } from "./campaign-lines.ts";
import type { ApiClient } from "./client.ts";
import { CommandError, EXIT } from "./exit.ts";
import { exitOf } from "./outcome.ts";
import { createLiveLine } from "./screen.ts";
import type { Shell } from "./shell.ts";

export interface CampaignWatch {
  id: string;
  /** Nothing is shown before the end. */
  isQuiet: boolean;
  /** Milliseconds after which it stops watching; undefined to watch to the end. */
  forMs: number | undefined;
}

/** How long the server holds an answer for a change. */
const HELD_MS = 5_000;

/** Watches a campaign to its end, over breaks of the connection, and sets the exit status by how it ended. */
export async function watchCampaign(shell: Shell, client: ApiClient, watch: CampaignWatch): Promise<void> {
  const stop = new AbortController();
  const leave = shell.terminal.onInterrupt(() => stop.abort("interrupted"));
  const timer =
    watch.forMs === undefined ? undefined : setTimeout(() => stop.abort("timed out"), watch.forMs);
  const view = viewFor(shell, watch.isQuiet);
  let last: CampaignAnswer | undefined;
  try {
    let seen = 0;
    for await (const campaign of changesOf(shell, client, watch.id, stop.signal, (text) => view.warn(text))) {
      last = campaign;
      const events = view.wantsEvents ? await eventsOf(client, watch.id, seen) : [];
      seen = events.at(-1)?.seq ?? seen;
      view.show(campaign, events);
    }
  } finally {
    view.end();
    clearTimeout(timer);
    leave();
  }
  if (last?.final !== true) return tellStopped(shell, watch, stop.signal.reason as string);
  const { state } = last;
  if (shell.isJson && !watch.isQuiet) shell.showLine(last);
  else shell.show(last, () => campaignOutcome(last, shell.paint));
  if (state === "succeeded" || state === "failed" || state === "cancelled") shell.exit(exitOf(state));
}

/** The campaign as it is, and after each change, to its end. */
async function* changesOf(
  { terminal, patience }: Shell,
  client: ApiClient,
  id: string,
  signal: AbortSignal,
  warn: (text: string) => void,
): AsyncGenerator<CampaignAnswer> {
  const aborted = new Promise<undefined>((resolve) =>
    signal.addEventListener("abort", () => resolve(undefined)),
  );
  let after = 0;
  let waitMs = patience.firstTryMs;
  let seenAtMs = terminal.nowMs();
  while (!signal.aborted) {
    const path = `/v1/campaigns/${id}?waitMs=${HELD_MS}&after=${after}`;
    const asked = client.call<CampaignAnswer>("GET", path, { heldMs: HELD_MS });
    try {
      const reply = await Promise.race([asked, aborted]);
      if (reply === undefined) break;
      if (waitMs > patience.firstTryMs) warn("the server is back");
      waitMs = patience.firstTryMs;
      seenAtMs = terminal.nowMs();
      after = reply.body.version;
      yield reply.body;
      if (reply.body.final) return;
    } catch (error) {
      if (!(error instanceof CommandError) || error.exit !== EXIT.unreachable) throw error;
      if (terminal.nowMs() - seenAtMs > patience.giveUpMs) throw error;
      if (waitMs === patience.firstTryMs)
        warn("lost sight of the server; trying again, the campaign goes on");
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, patience.longestTryMs);
    }
  }
}

async function eventsOf(client: ApiClient, id: string, after: number): Promise<CampaignEventAnswer[]> {
  const path = `/v1/campaigns/${id}/events?after=${after}&limit=500`;
  return (await client.call<{ items: CampaignEventAnswer[] }>("GET", path)).body.items;
}

interface View {
  wantsEvents: boolean;
  show(campaign: CampaignAnswer, events: readonly CampaignEventAnswer[]): void;
  warn(text: string): void;
  end(): void;
}

const SILENT: View = {
  wantsEvents: false,
  show: () => undefined,
  warn: () => undefined,
  end: () => undefined,
};

function viewFor(shell: Shell, isQuiet: boolean): View {
  if (isQuiet) return SILENT;
  if (shell.isJson) return { ...SILENT, show: (campaign) => campaign.final || shell.showLine(campaign) };
  return shell.terminal.out.isTerminal ? liveView(shell) : plainView(shell);
}

function liveView({ terminal }: Shell): View {
  let now: CampaignAnswer | undefined;
  const live = createLiveLine(terminal, (columns) =>
    now === undefined ? "" : campaignLine(now, terminal.nowMs(), columns),
  );
  return {
    wantsEvents: true,
    show: (campaign, events) => {
      now = campaign;
      live.draw(events.flatMap((event) => sayCampaignEvent(event) ?? []));
    },
    warn: (text) => live.draw([text]),
    end: () => live.end(),
  };
}

/** Progress is told again when so much has changed, or after so long. */
const STEP_PERCENT = 5;
const STEP_MS = 30_000;
const PLAIN_COLUMNS = 200;

function plainView(shell: Shell): View {
  const { terminal } = shell;
  let told = { percent: -1, atMs: 0 };
  const say = (at: string, text: string) => shell.print(`${at.slice(11, 19)}Z ${text}`);
  const now = () => new Date(terminal.nowMs()).toISOString();
  return {
    wantsEvents: true,
    show: (campaign, events) => {
      for (const event of events) {
        const text = sayCampaignEvent(event);
        if (text !== null) say(event.at, text);
      }
      const isNews =
        campaign.percent - told.percent >= STEP_PERCENT || terminal.nowMs() - told.atMs >= STEP_MS;
      if (!isNews || campaign.final) return;
      told = { percent: campaign.percent, atMs: terminal.nowMs() };
      say(now(), campaignLine(campaign, terminal.nowMs(), PLAIN_COLUMNS));
    },
    warn: (text) => say(now(), text),
    end: () => undefined,
  };
}

/** The campaign goes on without being watched. */
function tellStopped(shell: Shell, { id, forMs }: CampaignWatch, why: string): void {
  const isLate = why === "timed out";
  shell.exit(isLate ? EXIT.watchTimedOut : EXIT.interrupted);
  shell.note(
    isLate
      ? `Not over after ${showDuration(forMs ?? 0)}; the campaign goes on.`
      : "Stopped watching; the campaign goes on.",
    `  watch again: trayload campaign watch ${id}`,
    `  stop it:     trayload campaign pause ${id}`,
  );
}
