import { hasStatus } from '../cluster/errors.ts';
import { NewerLedger } from './custody.ts';
import type { PartOptions } from './part.ts';
import { persistently } from './persistently.ts';

/**
 * Tries what any replica may do to the ledger until it succeeds. A 403 is not the last word: an API
 * server that has just started gives it to everybody.
 *
 * Rejects when aborted, and with `NewerLedger`.
 */
export async function onLedger<Value>(
  attempt: () => Promise<Value>,
  { time, random, announce }: Pick<PartOptions, 'time' | 'random' | 'announce'>,
  signal: AbortSignal,
): Promise<Value> {
  const reports = announce.attempts('read the ledger');
  const onTrouble = (error: unknown) => {
    // A 409 says that another replica was faster: the next look finds what it has written.
    if (!hasStatus(error, 409)) reports.onTrouble(error);
  };
  const isFinal = (error: unknown) => error instanceof NewerLedger;
  return await persistently(attempt, { ...reports, time, random, onTrouble, isFinal }, signal);
}
