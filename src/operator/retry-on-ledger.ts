import { hasStatus } from '../cluster/errors.ts';
import { retry } from '../cluster/retry.ts';
import type { OperatorDependencies } from './dependencies.ts';
import { NewerLedger } from './stored-ledger.ts';

type RetryDependencies = Pick<OperatorDependencies, 'time' | 'recovery' | 'random' | 'log'>;

export interface RetryOnLedgerOptions extends RetryDependencies {
  /** Called each time that the attempt finds the ledger of a newer program. */
  readonly onNewer: (error: NewerLedger) => void;
}

/** How often to check whether an unusable ledger can be used again, in milliseconds. */
export const RECHECK_MS = 10_000;
/** How often an attempt is repeated without a pause after a conflict with another writer. */
const CONFLICTS = 5;

/**
 * Repeats an attempt on the ledger until it succeeds. Rejects when aborted.
 *
 * A 403 is retried too: an API server that has just started returns it for every request.
 */
export async function retryOnLedger<Value>(
  attempt: () => Promise<Value>,
  { time, recovery, random, log, onNewer }: RetryOnLedgerOptions,
  signal: AbortSignal,
): Promise<Value> {
  const reports = log.attempts('read the ledger');
  const onTrouble = (error: unknown) => {
    // A 409 says that another replica was faster: the next attempt reads what it has written.
    if (!hasStatus(error, 409)) reports.onTrouble(error);
  };
  const isFinal = (error: unknown): error is NewerLedger => error instanceof NewerLedger;
  const attempts = { ...reports, time, recovery, random, onTrouble, isFinal };
  for (;;) {
    try {
      return await retry(() => retryConflicts(attempt), attempts, signal);
    } catch (error) {
      if (!isFinal(error)) throw error;
      onNewer(error);
      await time.wait(RECHECK_MS, signal);
    }
  }
}

/** A leader writes about once a second, and an opt-out must not be delayed by that. */
async function retryConflicts<Value>(attempt: () => Promise<Value>, left = CONFLICTS) {
  try {
    return await attempt();
  } catch (error) {
    if (left > 0 && hasStatus(error, 409)) return await retryConflicts(attempt, left - 1);
    throw error;
  }
}
