import type { ConsentStart } from './consent-start.ts';

/** A time in which creations of one kind were counted, and that has ended. */
export interface CountedPeriod {
  /** When telemetry was switched on, in seconds since the epoch. */
  readonly began: number;
  /** What existed here was not counted. */
  readonly after: ConsentStart;
  /** What existed here and not at `after` was counted, as far as the ledger can tell. */
  readonly until: ConsentStart;
  /** When telemetry was switched off, in seconds since the epoch. What is newer was not counted. */
  readonly ended: number;
}

/**
 * Which creations were counted under earlier consents. Nothing is decided by it: it is for people who
 * want to know whether a resource was counted. Its size is bounded.
 */
export interface CountedHistory {
  /** Oldest first. */
  readonly periods: readonly CountedPeriod[];
  /** Whether nothing was counted before the first of `periods`. Otherwise that is unknown. */
  readonly complete: boolean;
}

/** Readers of ledger version 1 accept no more periods. */
export const PERIODS_KEPT = 8;

export const NOTHING_COUNTED: CountedHistory = { periods: [], complete: true };
export const HISTORY_UNKNOWN: CountedHistory = { periods: [], complete: false };

/** The state of a kind's ledger in which a consent ends. */
export interface EndedCount {
  readonly earlier: CountedHistory;
  /** Whether the first list was still to come, so that nothing was counted. */
  readonly baseline: boolean;
  /** Where the count began; `undefined` if an older version began it. */
  readonly countedFrom: ConsentStart | undefined;
  readonly watermark: number;
  readonly resourceVersion: string | undefined;
}

export interface EndOptions {
  /** When consent began, in seconds since the epoch. */
  readonly began: number;
  /** When consent ended, in seconds since the epoch. */
  readonly ended: number;
  /** When the oldest of the pending creations happened. They are dropped, and may have arrived or not. */
  readonly oldestPending: number | undefined;
}

/** Returns the history after the end of a consent. */
export function historyAfter(count: EndedCount, options: EndOptions): CountedHistory {
  const { earlier, baseline, countedFrom } = count;
  const { began, ended } = options;
  if (!baseline && countedFrom === undefined) return HISTORY_UNKNOWN;
  // A list that was not noted may have been completed, and something counted after it.
  const nothingSure = { createdAt: began, resourceVersion: '0' };
  const after = baseline || countedFrom === undefined ? nothingSure : countedFrom;
  const until = baseline ? nothingSure : lastCounted(count, options);
  const periods = [...earlier.periods, { began, after, until, ended }];
  return {
    periods: periods.slice(-PERIODS_KEPT),
    complete: earlier.complete && periods.length <= PERIODS_KEPT,
  };
}

function lastCounted(
  { watermark, resourceVersion = '0' }: EndedCount,
  { oldestPending = Number.POSITIVE_INFINITY }: EndOptions,
): ConsentStart {
  return oldestPending <= watermark
    ? { createdAt: oldestPending - 1, resourceVersion: '0' }
    : { createdAt: watermark, resourceVersion };
}
