import { setTimeout as pause } from "node:timers/promises";
import { createContext } from "./context.ts";
import { askedToWaitMs, isDefect, isStoreAway, StepError, toFailure } from "./errors.ts";
import { type Look, rememberLooks } from "./looks.ts";
import { absorb } from "./inbox.ts";
import { Fenced, type Journal, type JournalParts, openJournal } from "./journal.ts";
import { lateEventOf } from "./late.ts";
import type { Parts } from "./parts.ts";
import { CLEAN_UP } from "./plan.ts";
import { createRecorder } from "./transcripts.ts";
import type { StepView } from "./record.ts";
import type { Step, StepContext, StepResult, Waiting } from "./step.ts";
import type { Claim, Hint } from "./store.ts";
import type { Timing } from "./timing.ts";

/** Works on records, one look at a time. */
export interface Runner {
  /** Claims the record and works on it until it parks, ends or is fenced; never throws for a deployment's failure. */
  look(hint: Hint): Promise<void>;
  /** Prolongs the leases of all live looks, and gives back what looks held that the store's absence has broken off. */
  renewLeases(): Promise<void>;
  /**
   * Begins no more looks and waits for those under way. One that takes longer than `limitMs` keeps nothing from then on,
   * since what it would see is our own end: its record is given back, for another process or the next.
   *
   * @returns whether all came to their end
   */
  stop(limitMs: number): Promise<boolean>;
}

/** @param steps by name; a plan's step that is not here fails the record with a clear word */
export function createRunner(parts: Parts, steps: ReadonlyMap<string, Step>): Runner {
  const held = new Set<{ claim: Claim; journal: Journal }>();
  const live = new Set<Promise<void>>();
  const brokenOff = new Set<Claim>();
  let isStopped = false;
  let isLetGo = false;
  const journalParts: JournalParts = parts;
  const looks = rememberLooks(parts.clock);

  const recorder = createRecorder(parts.transcripts, parts.log);

  async function work(claim: Claim, journal: Journal): Promise<void> {
    const look = looks.of(claim);
    if (claim.view.kind === "deployment") look.hear = recorder.of(claim.id);
    look.traceparent = claim.view.traceparent;
    try {
      await drive(parts, steps, claim, journal, look);
    } catch (error) {
      looks.forget(claim.id);
      if (error instanceof Fenced) return;
      // The store is away or a fold is broken: the record is looked at again once it could be given back.
      brokenOff.add(claim);
      const { traceparent } = claim.view;
      parts.log.error({ record: claim.id, traceparent, error }, "a look was broken off");
    } finally {
      await recorder.flush(claim.id);
    }
  }

  async function giveBack(claims: Claim[]): Promise<void> {
    await parts.store.giveBack(claims);
    for (const claim of claims) brokenOff.delete(claim);
  }

  async function look(hint: Hint): Promise<void> {
    const claim = await parts.store.claim(hint, parts.leaseMs);
    if (claim === undefined) return;
    if (isLetGo) return parts.store.giveBack([claim]);
    const journal = openJournal(journalParts, claim);
    if (parts.isAlone) endRequestsOfTheDead(journal);
    const one = { claim, journal };
    held.add(one);
    await work(claim, journal).finally(() => held.delete(one));
  }

  return {
    async look(hint) {
      if (isStopped) return;
      const over = look(hint);
      live.add(over);
      await over.finally(() => live.delete(over));
    },
    async renewLeases() {
      await giveBack([...brokenOff]);
      const all = [...held];
      if (all.length === 0) return;
      const asked = parts.clock();
      const holding = await parts.store.renew(
        all.map(({ claim }) => claim),
        parts.leaseMs,
      );
      for (const { claim, journal } of all) if (holding.has(claim.id)) journal.renewed(asked + parts.leaseMs);
    },
    async stop(limitMs) {
      isStopped = true;
      const limit = new AbortController();
      const late = pause(limitMs, false, { signal: limit.signal });
      const over = Promise.allSettled(live).then(() => true);
      const isOver = await Promise.race([over, late]);
      limit.abort();
      isLetGo = true;
      for (const { journal } of held) journal.letGo();
      await giveBack([...brokenOff, ...[...held].map(({ claim }) => claim)]).catch((error: unknown) => {
        parts.log.warn({ error }, "looks that were broken off could not be given back; their leases run out");
      });
      return isOver;
    },
  };
}

/** Nothing is under way any more of what an earlier claim had announced; its settle time counts from now. */
function endRequestsOfTheDead(journal: Journal): void {
  for (const intent of journal.view.intents) {
    const { step, at: _at, answeredAt, outcome: _outcome, monitor: _monitor, ...action } = intent;
    if (answeredAt === null) journal.note({ type: "action-answered", step, action, outcome: "unknown" });
  }
}

/** Runs step after step until the record ends or waits. */
async function drive(
  parts: Parts,
  steps: ReadonlyMap<string, Step>,
  claim: Claim,
  journal: Journal,
  look: Look,
): Promise<void> {
  for (;;) {
    absorb(journal, journal.takeInbox());
    const { view } = journal;
    if (view.state === "queued" && view.cancelRequested !== null) {
      journal.note({ type: "cancelled", clean: true });
      return journal.end();
    }
    if (view.state === "queued") journal.note({ type: "started" });
    failIfTooLate(parts, journal);
    const planned = nextStep(journal);
    if (planned === undefined) return conclude(parts, journal);
    const pauseMs = await take(parts, steps.get(planned.by ?? planned.name), claim, journal, planned, look);
    if (pauseMs !== undefined && (await journal.park(pauseMs))) return;
  }
}

/** The first unfinished step; after a failure or a cancel only the one that cleans up, where the plan has one. */
function nextStep({ view }: Journal): StepView | undefined {
  const open = view.steps.filter((step) => !["done", "skipped", "failed"].includes(step.state));
  const isCutShort = view.error !== null || view.cancelRequested !== null;
  return isCutShort ? open.find((step) => step.name === CLEAN_UP) : open[0];
}

/** The limit of the whole; the clean-up has its own. */
function failIfTooLate(parts: Parts, journal: Journal): void {
  const { view } = journal;
  const lateMs = parts.clock() - Date.parse(view.startedAt!) - view.request.timeoutMs;
  const step = nextStep(journal);
  if (lateMs < 0 || step === undefined || step.name === CLEAN_UP) return;
  const { waitingOn } = view;
  const cause = waitingOn?.cause ?? null;
  const why = cause === null ? "" : ` (${cause})`;
  const waited = waitingOn === null ? "" : `, waiting for ${waitingOn.what}${why}`;
  const error = new StepError(
    `it was not finished within ${view.request.timeoutMs} ms; it was in ${step.name}${waited}`,
    { code: "deployment-timed-out", hint: "Look at what it waited for, or give a longer timeoutMs." },
  );
  journal.note({ type: "step-failed", step: step.name, error: toFailure(error, step.name) });
}

async function conclude(parts: Parts, journal: Journal): Promise<void> {
  const { error, cancelRequested, facts } = journal.view;
  const clean = facts["clean"] !== false;
  const result = facts["result"] ?? null;
  if (error !== null) journal.note({ type: "failed", error, clean, result });
  else if (cancelRequested !== null && facts["finished"] !== true) journal.note({ type: "cancelled", clean });
  else journal.note({ type: "succeeded", clean, result });
  await journal.end();
  await tellLate(parts, journal);
}

/** What came in while the end was kept, of which whoever sent it was not told that it is late. */
async function tellLate({ store, bell }: Parts, journal: Journal): Promise<void> {
  const { id } = journal.view;
  for (const item of journal.takeInbox()) {
    if (item.kind !== "callback") continue;
    const event = lateEventOf((await store.get(id))!, item);
    if (event === undefined) continue;
    await store.appendLate(id, event);
    bell.ring(id);
  }
}

/** Runs one step once. @returns milliseconds to park, or undefined to go on at once */
async function take(
  parts: Parts,
  step: Step | undefined,
  claim: Claim,
  journal: Journal,
  planned: StepView,
  look: Look,
): Promise<number | undefined> {
  const { name } = planned;
  if (planned.state === "pending")
    journal.note({ type: "step-started", step: name, attempt: planned.attempts + 1 });
  const context = createContext(parts, claim, journal, name, look);
  try {
    if (step === undefined)
      throw new StepError(`this release has no step ${name}`, {
        code: "internal-error",
        hint: "Finish the deployment with the release that began it.",
      });
    const result = await step.run(context);
    await noteBootProgress(journal, name, look);
    if (result.kind === "waiting") await context.lookAnew();
    return settle(journal, context, name, result);
  } catch (error) {
    // The node's address or password may be what was wrong.
    look.bmc = undefined;
    if (error instanceof Fenced || isStoreAway(error)) throw error;
    const pauseMs = retryOrFail(parts.timing, journal, context, name, error);
    const { traceparent } = claim.view;
    if (isDefect(error))
      parts.log.error({ record: claim.id, traceparent, step: name, error }, "a step broke");
    return pauseMs;
  }
}

/** BMCs write what they like; what is longer than any word of the schema is cut. */
const BOOT_STATE_LENGTH = 64;

/** What the BMC said in passing of the boot, when it has changed. Nothing is asked for it. */
async function noteBootProgress(journal: Journal, step: string, { bmc }: Look): Promise<void> {
  const state = (await bmc)?.bootProgress?.slice(0, BOOT_STATE_LENGTH);
  const { view } = journal;
  // Before it was ever switched on there is no boot to tell of.
  const before = view.bootProgress?.state ?? "None";
  if (view.kind === "deployment" && state !== undefined && state !== before)
    journal.note({ type: "boot-progressed", step, state });
}

function settle(
  journal: Journal,
  context: StepContext,
  step: string,
  result: StepResult,
): number | undefined {
  switch (result.kind) {
    case "done":
      journal.note({ type: "step-done", step, facts: result.facts ?? {}, detail: result.detail ?? null });
      return undefined;
    case "skipped":
      journal.note({ type: "step-skipped", step, why: result.why });
      return undefined;
    case "retreat":
      journal.note({ type: "step-retreated", step, to: result.to, why: result.why, facts: result.facts });
      return undefined;
    case "waiting":
      return wait(journal, context, step, result);
  }
}

function wait(journal: Journal, context: StepContext, step: string, waiting: Waiting): number | undefined {
  const leftMs = context.deadlineMs - context.nowMs();
  if (leftMs <= 0) {
    const limitMs = context.deadlineMs - context.startedMs;
    const why = waiting.onTimeout ?? {
      code: "step-timed-out" as const,
      message: `waited ${limitMs} ms in vain for ${waiting.what}`,
    };
    const error = new StepError(why.message, why);
    journal.note({ type: "step-failed", step, error: toFailure(error, step) });
    return undefined;
  }
  const { what, cause = null, next = null } = waiting;
  const until = new Date(context.deadlineMs).toISOString();
  const shown = journal.view.waitingOn;
  if (shown?.what !== what || shown.cause !== cause || shown.next !== next)
    journal.note({ type: "step-waiting", step, what, cause, next, until });
  return Math.min(waiting.lookAgainMs, leftMs);
}

function retryOrFail(
  { firstRetryMs, longestRetryMs }: Timing,
  journal: Journal,
  context: StepContext,
  step: string,
  error: unknown,
): number | undefined {
  const failure = toFailure(error, step);
  const { attempts } = journal.view.steps.find((one) => one.name === step)!;
  const pauseMs = askedToWaitMs(error) ?? Math.min(firstRetryMs * 2 ** (attempts - 1), longestRetryMs);
  if (!failure.retryable || context.nowMs() + pauseMs > context.deadlineMs) {
    journal.note({ type: "step-failed", step, error: failure });
    return undefined;
  }
  journal.note({ type: "step-retried", step, error: failure, inMs: pauseMs });
  return pauseMs;
}
