import { utcDay } from '../event.ts';

/** A UTC day as `2026-11-23`. Days compare as strings. */
export type Day = string;

/** What the ledger knows of heartbeats. */
export interface HeartbeatLedger {
  /** The last days whose heartbeat was told, in the order in which they were: at most 16. */
  readonly recorded: readonly Day[];
  /**
   * The days on which an operator was alive and which are not told yet, in that order: at most 16.
   * Today, mostly; more only where a clock was set back.
   */
  readonly outstanding: readonly Day[];
}

export interface HeartbeatStep {
  /** The days whose heartbeat is due now; today is the last. */
  readonly due: readonly Day[];
  readonly ledger: HeartbeatLedger;
  /** Milliseconds until the next look is worth while, if no clock jumps. */
  readonly waitMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** So many days are kept. A ledger of version 1 may hold no more. */
export const DAYS_KEPT = 16;

/** The minute of the UTC day, 0 to 1439, at which a cluster tells its heartbeat. */
export function slotOf(clusterId: string): number {
  // 52 bits of a hash over 1440 minutes: the bias is below one in 10^12.
  return Number.parseInt(clusterId.slice(0, 13), 16) % 1_440;
}

/** The moment of a day's slot, in milliseconds since the epoch. */
export function slotMoment(day: Day, slot: number): number {
  return Date.parse(day) + slot * MINUTE_MS;
}

/**
 * Decides which heartbeats are due, so that each UTC day on which the operator was alive has
 * exactly one, whatever restarts, downtime and clock jumps there are.
 *
 * - The first one goes out at once.
 * - A day that was lived but not told (the operator was gone at its slot) is told as soon as the
 *   operator is back, for that day.
 * - Today is told at its slot, or at once when a slot went by since the last heartbeat.
 */
export function heartbeatStep(
  ledger: HeartbeatLedger,
  options: { readonly nowMs: number; readonly slot: number },
): HeartbeatStep {
  const { nowMs, slot } = options;
  const today = utcDay(nowMs);
  const slotMs = slotMoment(today, slot);
  const missed = ledger.outstanding.filter((day) => day < today);
  const before = [...ledger.recorded, ...missed];
  const yesterday = utcDay(nowMs - DAY_MS);
  const slotWentBy = nowMs >= slotMs || !before.some((day) => day >= yesterday);
  const due = slotWentBy && !before.includes(today) ? [...missed, today] : missed;

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
