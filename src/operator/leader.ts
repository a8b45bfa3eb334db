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
 * Runs the leader: opens the ledger, reads the cluster's id and runs the pipeline.
 *
 * Resolves when aborted. Also resolves if another replica has switched telemetry off in the ledger, or
 * if a newer program has written the ledger, so that another replica may lead.
 */
export async function runLeader(options: LeaderOptions, signal: AbortSignal): Promise<void> {
  const { log, config } = options;
  try {
    const open = ledgerOpener(options, signal);
    let storedLedger = await open((opening) => openLedger(opening, signal));
    const id = clusterId(await clusterUid(options, signal));
    log.cluster(id, config.endpoint);
    if (isForeign(storedLedger.ledger, { cluster: id })) {
      log.ledgerForeign();
      storedLedger = await open((opening) => openLedgerOf(id, opening, signal));
    }
    await runPipeline({ ...options, storedLedger, clusterId: id }, signal);
  } catch (error) {
    // This process has ended consent itself and has logged that.
    if (signal.aborted) return;
    if (error instanceof NewerLedger) log.ledgerNewer(error.message);
    else if (error instanceof WithdrawnElsewhere) log.withdrawnElsewhere(error.onAgain);
    else throw error;
  }
}

/** Retries until the ledger is open. Rejects with `WithdrawnElsewhere` if consent is off in it. */
function ledgerOpener(options: LeaderOptions, signal: AbortSignal) {
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

async function clusterUid(options: LeaderOptions, signal: AbortSignal): Promise<string> {
  const { request, log } = options;
  const attempt = () => readClusterUid(request, signal);
  const reports = log.attempts('read the namespace kube-system');
  return await retry(attempt, { ...options, ...reports, isFinal: () => false }, signal);
}
