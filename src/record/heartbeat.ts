import { utcDay } from '../event.ts';

/** A UTC day such as `2026-11-23`. Days sort as text. */
export type Day = string;

/** The heartbeats in the ledger. */
export interface HeartbeatLedger {
  /** The last days whose heartbeat was enqueued, in that order: at most 16. */
  readonly recorded: readonly Day[];
  /**
   * The days on which an operator ran and whose heartbeat is not enqueued yet, in that order: at most
   * 16. Usually this is today. There are more only if a clock was set back.
   */
  readonly outstanding: readonly Day[];
}

export interface HeartbeatStep {
  /** The days whose heartbeat is due now. Today, if due, is the last. */
  readonly due: readonly Day[];
  readonly ledger: HeartbeatLedger;
  /** Milliseconds until the next heartbeat can be due, if no clock jumps. */
  readonly waitMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** How many days each list keeps. Readers of ledger version 1 accept no more. */
export const DAYS_KEPT = 16;

/** Returns the minute of the UTC day, 0 to 1439, at which the heartbeat of a cluster is due. */
export function slotOf(clusterId: string): number {
  // 52 bits of a hash over 1440 minutes: the bias is below one in 10^12.
  return Number.parseInt(clusterId.slice(0, 13), 16) % 1_440;
}

/** Returns the time of a day's slot, in milliseconds since the epoch. */
export function slotMoment(day: Day, slot: number): number {
  return Date.parse(day) + slot * MINUTE_MS;
}

/**
 * Decides which heartbeats are due, so that each UTC day on which the operator ran has exactly one,
 * through restarts, downtime and clock jumps.
 *
 * - The first heartbeat of a cluster is due immediately.
 * - If the operator ran on a day but not at its slot, that day's heartbeat is due at the next start.
 * - Today's heartbeat is due at its slot, or immediately if a slot has passed since the last one.
 */
export function heartbeatStep(
  ledger: HeartbeatLedger,
  options: { readonly nowMs: number; readonly slot: number },
): HeartbeatStep {
  const { nowMs, slot } = options;
  const today = utcDay(nowMs);
  const slotMs = slotMoment(today, slot);
  const missed = ledger.outstanding.filter((day) => day < today);
  const earlier = [...ledger.recorded, ...missed];
  const yesterday = utcDay(nowMs - DAY_MS);
  const slotPassed = nowMs >= slotMs || !earlier.some((day) => day >= yesterday);
  const due = slotPassed && !earlier.includes(today) ? [...missed, today] : missed;

  const recorded = [...ledger.recorded, ...due];
  const activeDays = new Set([...ledger.outstanding, today]);
  const outstanding = [...activeDays].filter((day) => !recorded.includes(day));
  const next = recorded.includes(today) ? Date.parse(today) + DAY_MS : slotMs;
  return {
    due,
    ledger: { recorded: recorded.slice(-DAYS_KEPT), outstanding: outstanding.slice(-DAYS_KEPT) },
    waitMs: next - nowMs,
  };
}
