import type { Failure, WaitingOn } from "../../../client/index.ts";
import { showAge } from "../words.ts";

/** What it waits for, since when, until when, why, and what comes next. */
export function WaitingBox({ waitingOn, nowMs }: { waitingOn: WaitingOn; nowMs: number }) {
  const { what, since, until, cause, next } = waitingOn;
  const leftMs = Date.parse(until) - nowMs;
  return (
    <div class="waiting" role="status">
      <p>
        Waiting for <strong>{what}</strong>
        <span class="quiet">
          {" "}
          since {clock(since)} ({showAge(nowMs - Date.parse(since))}), until {clock(until)} at the latest
          {leftMs > 0 && ` (${showAge(leftMs)} left)`}
        </span>
      </p>
      {cause !== null && <p>Because {cause}</p>}
      {next !== null && <p>Next: {next}</p>}
    </div>
  );
}

/** The error, what led to it, and what can be done. */
export function FailureBox({ failure: { code, message, hint, step, cause } }: { failure: Failure }) {
  return (
    <div class="notice notice-bad failure" role="alert">
      <p>
        <strong>{message}</strong>
      </p>
      {cause.length > 0 && (
        <ol class="causes" aria-label="Causes">
          {cause.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ol>
      )}
      {hint !== null && <p class="advice">{hint}</p>}
      <p class="quiet">
        <code>{code}</code>
        {step !== null && (
          <>
            {" in step "}
            <code>{step}</code>
          </>
        )}
      </p>
    </div>
  );
}

export function clock(at: string): string {
  return new Date(at).toLocaleTimeString();
}
