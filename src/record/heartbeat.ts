/** A UTC day as `2026-11-23`. Days compare as strings. */
export type Day = string;

/** What the ledger knows of heartbeats. */
export interface HeartbeatLedger {
  /** The last days whose heartbeat was told, in the order in which they were: at most 16. */
  readonly told: readonly Day[];
  /** The day on which an operator was last alive. */
  readonly alive: Day | undefined;
}

export interface HeartbeatStep {
  /** The days whose heartbeat is due now, oldest first: at most two. */
  readonly due: readonly Day[];
  readonly ledger: HeartbeatLedger;
  /** Milliseconds until the next look is worth while, if no clock jumps. */
  readonly waitMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const DAYS_KEPT = 16;

/** The minute of the UTC day, 0 to 1439, at which a cluster tells its heartbeat. */
export function slotOf(clusterId: string): number {
  // 52 bits of a hash over 1440 minutes: the bias is below one in 10^12.
  return Number.parseInt(clusterId.slice(0, 13), 16) % 1_440;
}

/** The moment of a day's slot, in milliseconds since the epoch. */
export function slotMoment(day: Day, slot: number): number {
  return Date.parse(day) + slot * MINUTE_MS;
}

/** The UTC day of a moment in milliseconds since the epoch. */
export function dayOf(ms: number): Day {
  return new Date(ms).toISOString().slice(0, 10);
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
  const today = dayOf(nowMs);
  const slotMs = slotMoment(today, slot);
  const due = [...missedDay(ledger, today)];

  const told = [...ledger.told, ...due];
  const yesterday = dayOf(nowMs - DAY_MS);
  const slotWentBy = nowMs >= slotMs || !told.some((day) => day >= yesterday);
  if (slotWentBy && !told.includes(today)) due.push(today);

  const todayIsTold = due.includes(today) || told.includes(today);
  const next = todayIsTold || nowMs >= slotMs ? Date.parse(today) + DAY_MS : slotMs;
  return {
    due,
    ledger: { told: [...ledger.told, ...due].slice(-DAYS_KEPT), alive: today },
    waitMs: next - nowMs,
  };
}

/** A day before today on which the operator lived, but was gone or waiting at its slot. */
function missedDay({ told, alive }: HeartbeatLedger, today: Day): readonly Day[] {
  if (alive === undefined || alive >= today || told.includes(alive)) return [];
  return told.length > 0 ? [alive] : [];
}
