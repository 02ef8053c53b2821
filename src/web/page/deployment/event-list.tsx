import { useState } from "preact/hooks";
import { tell } from "../events.ts";
import type { EventAnswer } from "../../../client/index.ts";
import { clock } from "./boxes.tsx";

const SHOWN = 30;
const MARKS = { done: "✓", bad: "✗", warn: "!", proof: "◆", note: "·" };

/** What happened, the newest first. */
export function EventList({ events }: { events: readonly EventAnswer[] }) {
  const [isWhole, setIsWhole] = useState(false);
  const told = events.toReversed().flatMap((event) => {
    const said = tell(event);
    return said === undefined ? [] : [{ ...said, at: event.at, seq: event.seq }];
  });
  const shown = isWhole ? told : told.slice(0, SHOWN);
  return (
    <>
      <ol class="events" reversed>
        {shown.map(({ seq, at, mark, what, more }) => (
          <li key={seq} class={`event event-${mark}`}>
            <time dateTime={at}>{clock(at)}</time>
            <span class="mark" aria-hidden="true">
              {MARKS[mark]}
            </span>
            <span>
              <b>{what}</b> {more}
            </span>
          </li>
        ))}
      </ol>
      {told.length > shown.length && (
        <button type="button" onClick={() => setIsWhole(true)}>
          Show all {told.length}
        </button>
      )}
    </>
  );
}
