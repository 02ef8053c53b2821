import { type DeploymentAnswer, type Progress, type EventAnswer, showDuration } from "../client/index.ts";
import type { ApiClient } from "./client.ts";
import { linesOf } from "./event-lines.ts";
import { EXIT, type Exit } from "./exit.ts";
import { follow } from "./follow.ts";
import type { Frame } from "./frames.ts";
import { exitOf, outcomeLines } from "./outcome.ts";
import { createLiveScreen, createPlainScreen, NO_SCREEN, type Screen } from "./screen.ts";
import type { Shell } from "./shell.ts";
import { BEGINNING, foldEvent, type WatchState } from "./watch-state.ts";

export interface WatchOptions {
  id: string;
  /** Nothing is shown before the end. */
  isQuiet: boolean;
  /** Milliseconds after which it stops watching; undefined to watch to the end. */
  forMs: number | undefined;
  /** Whether there will be something to come back to when the watch is stopped; true unless told. */
  goesOn?: boolean;
  /** The exit status for how it ended; of a deployment that was to succeed unless told. */
  exitOf?: (state: DeploymentAnswer["state"]) => Exit;
}

/** Watches a deployment to its end, over breaks of the connection, and sets the exit status by how it ended. */
export async function watchDeployment(shell: Shell, client: ApiClient, options: WatchOptions): Promise<void> {
  const { id, forMs } = options;
  const stop = new AbortController();
  const stopFor = (why: "interrupted" | "timed out") => () => stop.abort(why);
  const leave = shell.terminal.onInterrupt(stopFor("interrupted"));
  const timer = forMs === undefined ? undefined : setTimeout(stopFor("timed out"), forMs);
  const screen = screenFor(shell, options.isQuiet);
  try {
    await showEvents(shell, client, { id, screen, signal: stop.signal });
  } finally {
    screen.end();
    clearTimeout(timer);
    leave();
  }
  if (stop.signal.aborted) return tellStopped(shell, options, stop.signal.reason as string);
  const { body } = await client.call<DeploymentAnswer>("GET", `/v1/deployments/${id}`);
  if (shell.isJson && !options.isQuiet) shell.showLine(body);
  else shell.show(body, () => outcomeLines(body, shell.paint));
  shell.exit((options.exitOf ?? exitOf)(body.state));
}

function screenFor(shell: Shell, isQuiet: boolean): Screen {
  if (isQuiet) return NO_SCREEN;
  if (shell.isJson)
    return { ...NO_SCREEN, receive: ({ event, data }) => event !== "reset" && shell.showLine(data) };
  return shell.terminal.out.isTerminal ? createLiveScreen(shell) : createPlainScreen(shell);
}

/** The deployment goes on without being watched. */
function tellStopped(shell: Shell, { id, forMs, goesOn }: WatchOptions, why: string): void {
  const isLate = why === "timed out";
  shell.exit(isLate ? EXIT.watchTimedOut : EXIT.interrupted);
  if (goesOn === false) return;
  shell.note(
    isLate
      ? `Not over after ${showDuration(forMs ?? 0)}; the deployment goes on.`
      : "Stopped watching; the deployment goes on.",
    `  watch again: trayload deployment watch ${id}`,
    `  cancel it:   trayload deployment cancel ${id}`,
  );
}

interface Showing {
  id: string;
  screen: Screen;
  signal: AbortSignal;
}

async function showEvents(shell: Shell, client: ApiClient, { id, screen, signal }: Showing): Promise<void> {
  const { terminal, patience } = shell;
  let state: WatchState = BEGINNING;
  const now = () => new Date(terminal.nowMs()).toISOString();
  const warn = (text: string) => screen.show(state, [{ mark: "warning", text }], now());
  const frames = follow(`/v1/deployments/${id}/events`, {
    client,
    nowMs: () => terminal.nowMs(),
    patience,
    signal,
    onLost: (reason) => warn(`lost sight of the server (${reason}); trying again, the deployment goes on`),
    onBack: () => warn("the server is back"),
  });
  for await (const frame of frames) {
    const before = state;
    state = fold(state, frame);
    const event = frame.event === "message" ? (frame.data as EventAnswer) : undefined;
    screen.receive(frame);
    screen.show(state, event === undefined ? [] : linesOf(event, before), event?.at ?? now());
    if (state.isOver) return;
  }
}

function fold(state: WatchState, { event, data }: Frame): WatchState {
  if (event === "reset") return BEGINNING;
  if (event === "progress") return { ...state, progress: (data as { progress: Progress }).progress };
  return foldEvent(state, data as EventAnswer);
}
