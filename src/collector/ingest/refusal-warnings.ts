import type { Recorded } from '../store/store.ts';
import type { Batch } from './batch.ts';
import type { Reason } from './reasons.ts';

/** The shortest time between two warnings, in milliseconds. */
const INTERVAL_MS = 60_000;

export interface RefusalWarningsOptions {
  readonly log: { readonly warn: (fields: object, message: string) => void };
  /** Returns milliseconds that never go backwards. */
  readonly steady: () => number;
}

/**
 * Logs a warning for requests whose events were all refused. Their sender receives a 200, as from
 * Segment, and cannot see the refusal.
 *
 * Logs one line per minute at most, with the reasons since the last line and no content of the events.
 */
export function refusalWarnings({ log, steady }: RefusalWarningsOptions) {
  const reasons = new Map<Reason, number>();
  let requests = 0;
  let nextWarningAt = Number.NEGATIVE_INFINITY;

  return function warn({ accepted, duplicates }: Recorded, { refused }: Batch): void {
    if (accepted + duplicates > 0 || refused.size === 0) return;
    requests += 1;
    for (const [reason, count] of refused) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    if (steady() < nextWarningAt) return;
    nextWarningAt = steady() + INTERVAL_MS;
    const fields = { requests, refused: Object.fromEntries(reasons) };
    log.warn(fields, 'every event of these requests was refused: see "What is stored" in the docs');
    requests = 0;
    reasons.clear();
  };
}
