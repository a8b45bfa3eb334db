import { hasStatus } from '../cluster/errors.ts';
import { retry } from '../cluster/retry.ts';
import type { OperatorDependencies } from './dependencies.ts';
import { NewerLedger } from './stored-ledger.ts';

type TryOptions = Pick<OperatorDependencies, 'time' | 'recovery' | 'random' | 'log'>;

export interface RetryOnLedgerOptions extends TryOptions {
  /** Called if a newer program has written the ledger. Then it is tried again until it is gone. */
  readonly onNewer: (error: NewerLedger) => void;
}

/** How often to look whether a ledger that can't be used now can be used again, in milliseconds. */
export const LOOK_AGAIN_MS = 10_000;
/** How often an attempt is repeated without a pause after a conflict with another writer. */
const CONFLICTS = 5;

/**
 * Tries what any replica may do to the ledger until it succeeds. A 403 is not the last word: an API
 * server that has just started gives it to everybody. Rejects when aborted.
 */
export async function retryOnLedger<Value>(
  attempt: () => Promise<Value>,
  { time, recovery, random, log, onNewer }: RetryOnLedgerOptions,
  signal: AbortSignal,
): Promise<Value> {
  const reports = log.attempts('read the ledger');
  const onTrouble = (error: unknown) => {
    // A 409 says that another replica was faster: the next look finds what it has written.
    if (!hasStatus(error, 409)) reports.onTrouble(error);
  };
  const isFinal = (error: unknown): error is NewerLedger => error instanceof NewerLedger;
  const attempts = { ...reports, time, recovery, random, onTrouble, isFinal };
  for (;;) {
    try {
      return await retry(() => withoutConflict(attempt), attempts, signal);
    } catch (error) {
      if (!isFinal(error)) throw error;
      onNewer(error);
      await time.wait(LOOK_AGAIN_MS, signal);
    }
  }
}

/**
 * Repeats an attempt that another writer was faster than. A leader writes about once a second, and an
 * opt-out must not wait.
 */
async function withoutConflict<Value>(attempt: () => Promise<Value>, left = CONFLICTS) {
  try {
    return await attempt();
  } catch (error) {
    if (left > 0 && hasStatus(error, 409)) return await withoutConflict(attempt, left - 1);
    throw error;
  }
}
