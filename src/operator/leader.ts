import { readClusterUid } from '../cluster/cluster-uid.ts';
import { retry } from '../cluster/retry.ts';
import { clusterId } from '../record/events.ts';
import type { LeaderOptions } from './dependencies.ts';
import { WithdrawnElsewhere } from './ownership.ts';
import { runPipeline } from './pipeline.ts';
import {
  isForeign,
  NewerLedger,
  openLedger,
  openLedgerOf,
  type StoredLedger,
  type StoredLedgerOptions,
} from './stored-ledger.ts';

/**
 * What the leader does while telemetry is on: learns who this cluster is, opens the ledger, works.
 *
 * Resolves when aborted, and where the ledger says that another replica has switched telemetry off,
 * or that a newer program has written it: then somebody else may lead.
 */
export async function runLeader(options: LeaderOptions, signal: AbortSignal): Promise<void> {
  const { log, config } = options;
  try {
    const open = openedLedger(options, signal);
    let storedLedger = await open((opening) => openLedger(opening, signal));
    const id = clusterId(await uid(options, signal));
    log.cluster(id, config.endpoint);
    if (isForeign(storedLedger.ledger, { cluster: id })) {
      log.ledgerForeign();
      storedLedger = await open((opening) => openLedgerOf(id, opening, signal));
    }
    await runPipeline({ ...options, storedLedger, clusterId: id }, signal);
  } catch (error) {
    // What this process has switched off itself is not news.
    if (signal.aborted) return;
    if (error instanceof NewerLedger) log.ledgerNewer(error.message);
    else if (error instanceof WithdrawnElsewhere) log.withdrawnElsewhere(error.onAgain);
    else throw error;
  }
}

/** Opens the ledger until that succeeds. Throws `WithdrawnElsewhere` if telemetry is off in it. */
function openedLedger(options: LeaderOptions, signal: AbortSignal) {
  const { ledgers: store, time, log, known } = options;
  const opening = { store, now: time.now, onDamage: log.ledgerUnusable };
  const isFinal = (error: unknown) => error instanceof NewerLedger;
  const attempting = { ...options, ...log.attempts('read the ledger'), isFinal };

  return async (
    open: (opening: StoredLedgerOptions) => Promise<StoredLedger>,
  ): Promise<StoredLedger> => {
    const storedLedger = await retry(() => open(opening), attempting, signal);
    known.since = storedLedger.ledger.since;
    if (storedLedger.ledger.consent === 'off') throw new WithdrawnElsewhere({ onAgain: false });
    return storedLedger;
  };
}

async function uid(options: LeaderOptions, signal: AbortSignal): Promise<string> {
  const { request, log } = options;
  const attempt = () => readClusterUid(request, signal);
  const reports = log.attempts('read the namespace kube-system');
  return await retry(attempt, { ...options, ...reports, isFinal: () => false }, signal);
}
