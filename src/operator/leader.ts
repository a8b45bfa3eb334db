import { readClusterUid } from '../cluster/cluster-uid.ts';
import { retry } from '../cluster/retry.ts';
import { clusterId } from '../record/events.ts';
import { latestSince } from '../record/since.ts';
import type { LeaderOptions } from './dependencies.ts';
import { WithdrawnElsewhere } from './ownership.ts';
import { type PipelineOptions, runPipeline } from './pipeline.ts';
import {
  isForeign,
  isOutdated,
  NewerLedger,
  type OpenOptions,
  openLedger,
  openLedgerOf,
  type StoredLedger,
} from './stored-ledger.ts';

/**
 * Runs the leader: opens the ledger, reads the cluster's id and runs the pipeline.
 *
 * Resolves when aborted. Also resolves if another replica has switched telemetry off in the ledger, or
 * if a newer program has written the ledger, so that another replica may lead.
 */
export async function runLeader(options: LeaderOptions, signal: AbortSignal): Promise<void> {
  const { log, known } = options;
  try {
    await runPipeline({ ...options, ...(await openOwn(options, signal)) }, signal);
  } catch (error) {
    if (error instanceof WithdrawnElsewhere) known.since = latestSince(error.since, known.since);
    // This process has ended consent itself and has logged that.
    if (signal.aborted) return;
    if (error instanceof NewerLedger) log.ledgerNewer(error.message);
    else if (error instanceof WithdrawnElsewhere) log.withdrawnElsewhere(error.onAgain);
    else throw error;
  }
}

/** Opens the ledger of this cluster. If a backup was restored, another one takes its place. */
async function openOwn(
  options: LeaderOptions,
  signal: AbortSignal,
): Promise<Pick<PipelineOptions, 'storedLedger' | 'clusterId'>> {
  const { log, config, known } = options;
  const former = known.since;
  const open = ledgerOpener(options, signal);
  let storedLedger = await open((opening) => openLedger(opening, signal));
  const { ledger } = storedLedger;
  const id = clusterId(await clusterUid(options, signal));
  log.cluster(id, config.endpoint);
  const isOther = isForeign(ledger, { cluster: id });
  if (isOther || isOutdated(ledger, { former })) {
    if (isOther) log.ledgerForeign();
    else log.ledgerOutdated();
    storedLedger = await open((opening) => openLedgerOf(id, opening, signal));
  }
  known.since = storedLedger.ledger.since;
  return { storedLedger, clusterId: id };
}

/** Retries until the ledger is open. Rejects with `WithdrawnElsewhere` if consent is off in it. */
function ledgerOpener(options: LeaderOptions, signal: AbortSignal) {
  const { ledgers: store, time, log, known } = options;
  const opening = { store, now: time.now, onDamage: log.ledgerUnusable, former: known.since };
  const isFinal = (error: unknown) => error instanceof NewerLedger;
  const attempting = { ...options, ...log.attempts('read the ledger'), isFinal };

  return async (open: (opening: OpenOptions) => Promise<StoredLedger>): Promise<StoredLedger> => {
    const storedLedger = await retry(() => open(opening), attempting, signal);
    const { ledger } = storedLedger;
    if (ledger.consent === 'off') throw new WithdrawnElsewhere(ledger);
    // A copy may be another cluster's, with a later time than any of this one.
    if (!storedLedger.map.copied) known.since = latestSince(ledger.since, known.since);
    return storedLedger;
  };
}

async function clusterUid(options: LeaderOptions, signal: AbortSignal): Promise<string> {
  const { request, log } = options;
  const attempt = () => readClusterUid(request, signal);
  const reports = log.attempts('read the namespace kube-system');
  return await retry(attempt, { ...options, ...reports, isFinal: () => false }, signal);
}
