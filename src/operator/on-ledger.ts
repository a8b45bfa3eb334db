import { hasStatus } from '../cluster/errors.ts';
import { NewerLedger } from './custody.ts';
import type { PartOptions } from './part.ts';
import { persistently } from './persistently.ts';

type LedgerTryOptions = Pick<PartOptions, 'time' | 'recovery' | 'random' | 'announce'>;

/**
 * Tries what any replica may do to the ledger until it succeeds. A 403 is not the last word: an API
 * server that has just started gives it to everybody.
 *
 * Rejects when aborted, and with `NewerLedger`.
 */
export async function onLedger<Value>(
  attempt: () => Promise<Value>,
  { time, recovery, random, announce }: LedgerTryOptions,
  signal: AbortSignal,
): Promise<Value> {
  const reports = announce.attempts('read the ledger');
  const onTrouble = (error: unknown) => {
    // A 409 says that another replica was faster: the next look finds what it has written.
    if (!hasStatus(error, 409)) reports.onTrouble(error);
  };
  const isFinal = (error: unknown) => error instanceof NewerLedger;
  const attempts = { ...reports, time, recovery, random, onTrouble, isFinal };
  return await persistently(attempt, attempts, signal);
}
