import { type Progress, showBytes } from "../../../client/index.ts";
import type { Fact, Status } from "../status.ts";
import { showLeft, showRate } from "../words.ts";

export function Badge({ tone, word }: Status) {
  return <span class={`badge tone-${tone}`}>{word}</span>;
}

export function FactMark({ tone, word, why }: Fact) {
  return (
    <span class={`fact tone-${tone}`} title={why}>
      {word}
    </span>
  );
}

/** How far, with the figures beside it where there is room. */
export function ProgressBar({ percent, label }: { percent: number; label: string }) {
  return (
    <div
      class="bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div class="bar-fill" style={{ width: `${percent}%` }} />
    </div>
  );
}

/** "43 %", "360 MiB of 836 MiB read", "5.0 MiB/s", "about 1m 30s left"; without the bytes where there is little room. */
export function figuresOf(progress: Progress, nowMs: number, hasBytes = true): string[] {
  const { percent, image } = progress;
  const disc = { ...progress, bytesRead: progress.discBytesRead, sizeBytes: progress.discSizeBytes };
  // Once the agent reads the disk image, that is what takes the time.
  const { bytesRead, sizeBytes, bytesPerSecond } = image != null && image.bytesRead > 0 ? image : disc;
  const left = showLeft(progress.etaAt, nowMs);
  const rate = bytesPerSecond > 0 ? [showRate(bytesPerSecond)] : [];
  const estimate = left === null ? [] : [left];
  const bytes = sizeBytes > 0 ? [`${showBytes(bytesRead)} of ${showBytes(sizeBytes)} read`] : [];
  return [`${percent} %`, ...(hasBytes ? [...bytes, ...rate, ...estimate] : [...estimate, ...rate])];
}
