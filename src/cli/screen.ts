import { paintLine, plainLine } from "./event-lines.ts";
import type { Line } from "./event-lines.ts";
import type { Frame } from "./frames.ts";
import { withoutControls } from "./paint.ts";
import { progressLine, progressWords } from "./progress-line.ts";
import type { Shell } from "./shell.ts";
import { BEGINNING, type WatchState } from "./watch-state.ts";

/** Where a watch shows itself. */
export interface Screen {
  /** What came, as it came. */
  receive(frame: Frame): void;
  /** The state as it is now, and what is to be told beside it. @param at when that happened (RFC 3339) */
  show(state: WatchState, lines: Line[], at: string): void;
  /** Nothing more will live. */
  end(): void;
}

/** Shows nothing: for `--wait`. */
export const NO_SCREEN: Screen = { receive: () => undefined, show: () => undefined, end: () => undefined };

/** Back to the line's beginning, and clear it (ECMA-48: CR, EL). */
const CLEAR = "\r\x1b[2K";
const REDRAW_MS = 500;

/** One line that is drawn anew, and lines above it that stay. */
export interface LiveLine {
  /** @param above lines that are done, as they are to be seen */
  draw(above?: readonly string[]): void;
  /** Takes the line away. */
  end(): void;
}

/** @param lineOf what the line is to say now, in so many columns */
export function createLiveLine(
  { out }: Pick<Shell["terminal"], "out">,
  lineOf: (columns: number) => string,
): LiveLine {
  let drawn = "";
  let isOver = false;
  const draw: LiveLine["draw"] = (above = []) => {
    const line = isOver ? "" : withoutControls(lineOf(out.columns));
    if (above.length === 0 && line === drawn) return;
    out.write(`${CLEAR}${above.map((text) => `${withoutControls(text)}\n`).join("")}${line}`);
    drawn = line;
  };
  const timer = setInterval(() => draw(), REDRAW_MS);
  return {
    draw,
    end: () => {
      clearInterval(timer);
      isOver = true;
      draw();
    },
  };
}

/** Lines, and below them one that is drawn anew. */
export function createLiveScreen({ terminal, paint }: Pick<Shell, "terminal" | "paint">): Screen {
  let state: WatchState = BEGINNING;
  const live = createLiveLine(terminal, (columns) => progressLine(state, terminal.nowMs(), columns));
  return {
    ...NO_SCREEN,
    show: (now, lines) => {
      state = now;
      live.draw(lines.filter(({ mark }) => mark !== "waiting").map((line) => paintLine(line, paint)));
    },
    end: () => live.end(),
  };
}

/** Progress is told again when so much has changed, or after so long. */
const STEP_PERCENT = 10;
const STEP_MS = 30_000;

/** Lines only, for logs and pipes. */
export function createPlainScreen({ terminal, print }: Pick<Shell, "terminal" | "print">): Screen {
  let toldPercent = 0;
  let toldMs = terminal.nowMs();
  return {
    ...NO_SCREEN,
    show: ({ progress }, lines, at) => {
      print(...lines.map((line) => plainLine(line, at)));
      const nowMs = terminal.nowMs();
      if (progress === null || progress.percent === toldPercent) return;
      if (progress.percent - toldPercent < STEP_PERCENT && nowMs - toldMs < STEP_MS) return;
      toldPercent = progress.percent;
      toldMs = nowMs;
      print(plainLine({ mark: "note", text: progressWords(progress, nowMs) }, at));
    },
  };
}
