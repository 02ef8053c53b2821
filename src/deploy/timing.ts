/** How long things are given, in milliseconds. */
export interface Timing {
  /** First pause between two looks at something that should come soon; grows to `longestLookMs`. */
  lookMs: number;
  longestLookMs: number;
  /** Limit of one request that changes something at a BMC; some download the whole disc within InsertMedia. */
  requestLimitMs: number;
  insertLimitMs: number;
  /** Pause before a step that failed of something passing is tried again; doubles to `longestRetryMs`. */
  firstRetryMs: number;
  longestRetryMs: number;
  /** How long a power change, a media change and an override may take to show before they are asked for again. */
  powerSettleMs: number;
  mediaSettleMs: number;
  overrideSettleMs: number;
  /** For so long at least a BMC that cannot fetch the disc is asked again: whatever serves it may be starting again. */
  discAwayMs: number;
  /** How long a BMC that was asked to restart may go on answering before that counts as not done. */
  bmcResetMs: number;
  /** How long an operating system may take to shut down. */
  shutdownMs: number;
  /** Without a byte read from the disc for this long after power-on, another way of inserting is tried. */
  firstReadMs: number;
  /** Silence after which a machine that reads its boot image again counts as having left the disc between. */
  leftSilenceMs: number;
  /** Silence after which a machine that has read its boot image counts as running from memory (`when-booted`). */
  bootedSilenceMs: number;
  /** What the agent is told to report by: it does after 0.3 to 0.6 of so many seconds. */
  heartbeatS: number;
  /** Least time between two looks at what an agent is long at; its end wakes the record anyway. */
  agentLookMs: number;
  /** An agent that has been silent for so long and cannot be reached is lost. */
  agentSilenceMs: number;
  /** After so long a wait for what only the BMC knows, it is asked to tell us. */
  eventsAfterMs: number;
  /** How soon a debt that could not be paid is tried again at first; the older it is, the later. */
  owedMs: number;
}

export const DEFAULT_TIMING: Timing = {
  lookMs: 100,
  longestLookMs: 5_000,
  requestLimitMs: 60_000,
  insertLimitMs: 300_000,
  firstRetryMs: 1_000,
  longestRetryMs: 30_000,
  powerSettleMs: 30_000,
  mediaSettleMs: 15_000,
  overrideSettleMs: 5_000,
  discAwayMs: 60_000,
  bmcResetMs: 120_000,
  shutdownMs: 120_000,
  // Servers with much memory take ten minutes to their first read (field notes, section on POST times).
  firstReadMs: 20 * 60_000,
  leftSilenceMs: 30_000,
  bootedSilenceMs: 60_000,
  heartbeatS: 300,
  agentLookMs: 300_000,
  // Three of its heartbeats at their latest.
  agentSilenceMs: 10 * 60_000,
  // By then a look every five seconds has cost what a subscription costs several times over.
  eventsAfterMs: 120_000,
  owedMs: 60_000,
};
