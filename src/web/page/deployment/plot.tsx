import { showRate } from "../words.ts";
import { showDuration } from "../../../client/index.ts";
import { type Point, ratesOf } from "./series.ts";

const WIDTH = 640;
const HEIGHT = 180;
const LEFT = 44;
const RIGHT = 70;
const TOP = 10;
const BOTTOM = 22;

interface PlotProps {
  series: readonly Point[];
  sizeBytes: number;
  /** Of the disc, as far as is known; the series may begin later. */
  bytesRead: number;
  /** While it goes on: a disc that is no longer read is a line that stays level. */
  now: { atMs: number; rate: number } | null;
}

/** The share of the disc that was read, as an area, and how fast it was read, as a line, over time. */
export function Plot({ series: known, sizeBytes, bytesRead, now }: PlotProps) {
  if (known.length < 2) return bytesRead > 0 ? null : <p class="quiet">Nothing of the disc has been read.</p>;
  const last = known.at(-1)!;
  const goesOn = now !== null && now.atMs > last.atMs;
  const series = goesOn ? [...known, { ...last, atMs: now.atMs, bytesPerSecond: now.rate }] : known;
  const from = series[0]!.atMs;
  const spanMs = Math.max(1, series.at(-1)!.atMs - from);
  const rates = ratesOf(series, sizeBytes);
  const most = Math.max(1, ...rates.map(({ rate }) => rate));
  const x = (atMs: number) => LEFT + ((atMs - from) / spanMs) * (WIDTH - LEFT - RIGHT);
  const y = (part: number) => HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
  const line = (points: { atMs: number; part: number }[]) =>
    points.map(({ atMs, part }) => `${x(atMs).toFixed(1)},${y(part).toFixed(1)}`).join(" ");
  const share = line(series.map(({ atMs, share: part }) => ({ atMs, part })));
  const percent = Math.round(series.at(-1)!.share * 100);
  return (
    <figure class="plot">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${percent} % read in ${showDuration(spanMs)}, at ${showRate(most)} at most`}
      >
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(part)} y2={y(part)} />
            <text class="tick" x={LEFT - 6} y={y(part) + 4} text-anchor="end">{`${part * 100} %`}</text>
            <text class="tick rate-tick" x={WIDTH - RIGHT + 6} y={y(part) + 4}>
              {part === 0 ? "" : showRate(most * part)}
            </text>
          </g>
        ))}
        <polygon class="share" points={`${x(from)},${y(0)} ${share} ${x(from + spanMs)},${y(0)}`} />
        <polyline class="share-line" points={share} />
        <polyline
          class="rate-line"
          points={line(rates.map(({ atMs, rate }) => ({ atMs, part: rate / most })))}
        />
        <text class="tick" x={LEFT} y={HEIGHT - 6}>
          0 s
        </text>
        <text class="tick" x={WIDTH - RIGHT} y={HEIGHT - 6} text-anchor="end">
          {showDuration(spanMs)}
        </text>
      </svg>
      <figcaption>
        <span class="key key-share">share of the disc</span> <span class="key key-rate">rate</span>
      </figcaption>
    </figure>
  );
}
