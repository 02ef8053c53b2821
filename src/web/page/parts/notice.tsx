import type { ComponentChildren } from "preact";
import { Refusal } from "../server.ts";
import { showAge } from "../words.ts";
import { useNow } from "./now.ts";
import type { Read } from "./read.ts";

/** What to show in place of data, or above data that is old: loading, failed, stale. Nothing while all is well. */
export function Notice({ read, what }: { read: Read<unknown>; what: string }) {
  const nowMs = useNow();
  const { data, error, readAtMs } = read;
  if (error === undefined) {
    return data === undefined ? (
      <p class="loading" role="status">
        Loading {what} …
      </p>
    ) : null;
  }
  const isOld = readAtMs !== undefined;
  return (
    <Problem error={error} isMild={isOld}>
      {isOld && <span> What you see is {showAge(nowMs - readAtMs)} old.</span>}
      <button type="button" onClick={read.refresh}>
        Try again now
      </button>
    </Problem>
  );
}

/** An error with what can be done about it. */
export function Problem(props: { error: Error; isMild?: boolean; children?: ComponentChildren }) {
  const { error, isMild = false, children } = props;
  return (
    <div class={isMild ? "notice notice-warn" : "notice notice-bad"} role="alert">
      <p>
        <strong>{error.message}</strong>
        {error instanceof Refusal && error.hint !== null && <span> {error.hint}</span>}
        {children}
      </p>
    </div>
  );
}
