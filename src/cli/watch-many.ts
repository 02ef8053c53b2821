import { type DeploymentAnswer, type EventAnswer, type Progress, showDuration } from "../client/index.ts";
import type { ApiClient } from "./client.ts";
import { EXIT, type Exit } from "./exit.ts";
import { follow } from "./follow.ts";
import { exitOf, outcomeLines } from "./outcome.ts";
import { bar, cut } from "./progress-line.ts";
import { createLiveLine } from "./screen.ts";
import type { Shell } from "./shell.ts";
import { BEGINNING, foldEvent, type WatchState } from "./watch-state.ts";

export interface WatchMany {
  ids: readonly string[];
  /** Nothing is shown before the end. */
  isQuiet: boolean;
  /** Milliseconds after which it stops watching; undefined to watch to the end. */
  forMs: number | undefined;
}

/** Watches several deployments to their ends, and exits as the worst of them. */
export async function watchMany(shell: Shell, client: ApiClient, watch: WatchMany): Promise<void> {
  const { ids, forMs } = watch;
  const stop = new AbortController();
  const leave = shell.terminal.onInterrupt(() => stop.abort("interrupted"));
  const timer = forMs === undefined ? undefined : setTimeout(() => stop.abort("timed out"), forMs);
  const states = new Map<string, WatchState>(ids.map((id) => [id, BEGINNING]));
  const view = viewFor(shell, watch, states);
  const ends: DeploymentAnswer[] = [];
  const watchOne = async (id: string) => {
    if (!(await toItsEnd(shell, client, id, stop.signal, (state) => states.set(id, state)))) return;
    const { body } = await client.call<DeploymentAnswer>("GET", `/v1/deployments/${id}`);
    ends.push(body);
    view.tell(body);
  };
  try {
    await Promise.all(ids.map(watchOne));
  } catch (error) {
    stop.abort("failed");
    throw error;
  } finally {
    view.end();
    clearTimeout(timer);
    leave();
  }
  if (ends.length < ids.length) return tellStopped(shell, watch, stop.signal.reason as string);
  if (watch.isQuiet) shell.show(ends, () => ends.flatMap((one) => outcomeLines(one, shell.paint)));
  shell.exit(worstOf(ends.map(({ state }) => exitOf(state))));
}

/** @returns false when the watch was stopped before */
async function toItsEnd(
  { terminal, patience }: Shell,
  client: ApiClient,
  id: string,
  signal: AbortSignal,
  onState: (state: WatchState) => void,
): Promise<boolean> {
  let state = BEGINNING;
  const nowMs = () => terminal.nowMs();
  const quietly = { onLost: () => undefined, onBack: () => undefined };
  const frames = follow(`/v1/deployments/${id}/events`, { client, nowMs, patience, signal, ...quietly });
  for await (const { event, data } of frames) {
    if (event === "reset") state = BEGINNING;
    else if (event === "progress") state = { ...state, progress: (data as { progress: Progress }).progress };
    else state = foldEvent(state, data as EventAnswer);
    onState(state);
    if (state.isOver) return true;
  }
  return !signal.aborted;
}

interface View {
  tell(ended: DeploymentAnswer): void;
  end(): void;
}

function viewFor(shell: Shell, { isQuiet }: WatchMany, states: ReadonlyMap<string, WatchState>): View {
  const end = () => undefined;
  if (isQuiet) return { tell: () => undefined, end };
  if (shell.isJson) return { tell: (ended) => shell.showLine(ended), end };
  const linesOf = (ended: DeploymentAnswer) => outcomeLines(ended, shell.paint);
  if (!shell.terminal.out.isTerminal) return { tell: (ended) => shell.print(...linesOf(ended)), end };
  const live = createLiveLine(shell.terminal, (columns) => manyLine([...states.values()], columns));
  return { tell: (ended) => live.draw(linesOf(ended)), end: () => live.end() };
}

const BAR = 24;

/** How far all of them are together, and in which steps. */
export function manyLine(states: readonly WatchState[], columns: number): string {
  const percents = states.map(({ isOver, progress }) => (isOver ? 100 : (progress?.percent ?? 0)));
  const percent = Math.floor(percents.reduce((sum, one) => sum + one, 0) / states.length);
  const open = states.filter(({ isOver }) => !isOver);
  const steps = Map.groupBy(open, ({ step }) => step ?? "queued");
  const most = [...steps].toSorted(([, a], [, b]) => b.length - a.length);
  const words = most.map(([step, group]) => `${group.length} ${step}`).join(", ");
  return cut(
    `[${bar(percent, BAR)}]  ${states.length - open.length} of ${states.length} over  ${words}`,
    columns - 1,
  );
}

const WORST: readonly Exit[] = [EXIT.failed, EXIT.cancelled, EXIT.succeeded];

function worstOf(exits: readonly Exit[]): Exit {
  return WORST.find((exit) => exits.includes(exit)) ?? EXIT.succeeded;
}

function tellStopped(shell: Shell, { forMs }: WatchMany, why: string): void {
  const isLate = why === "timed out";
  shell.exit(isLate ? EXIT.watchTimedOut : EXIT.interrupted);
  shell.note(
    isLate
      ? `Not all over after ${showDuration(forMs ?? 0)}; the deployments go on.`
      : "Stopped watching; the deployments go on.",
  );
}
