import { readClusterUid } from '../cluster/cluster-uid.ts';
import { persistently } from '../cluster/retry.ts';
import { clusterId } from '../record/events.ts';
import type { LeadOptions } from './dependencies.ts';
import { WithdrawnElsewhere } from './ownership.ts';
import { work } from './pipeline.ts';
import {
  type Custody,
  type CustodyOptions,
  isForeign,
  NewerLedger,
  openLedger,
  openLedgerOf,
} from './stored-ledger.ts';

/**
 * What the leader does while telemetry is on: learns who this cluster is, opens the ledger, works.
 *
 * Resolves when aborted, and where the ledger says that another replica has switched telemetry off,
 * or that a newer program has written it: then somebody else may lead.
 */
export async function lead(options: LeadOptions, signal: AbortSignal): Promise<void> {
  const { announce, config } = options;
  try {
    const open = openedLedger(options, signal);
    let custody = await open((opening) => openLedger(opening, signal));
    const id = clusterId(await uid(options, signal));
    announce.cluster(id, config.endpoint);
    if (isForeign(custody.ledger, { cluster: id })) {
      announce.ledgerForeign();
      custody = await open((opening) => openLedgerOf(id, opening, signal));
    }
    await work({ ...options, custody, id }, signal);
  } catch (error) {
    // What this process has switched off itself is not news.
    if (signal.aborted) return;
    if (error instanceof NewerLedger) announce.ledgerNewer(error.message);
    else if (error instanceof WithdrawnElsewhere) announce.withdrawnElsewhere(error.onAgain);
    else throw error;
  }
}

/** Opens the ledger until that succeeds. Throws `WithdrawnElsewhere` if telemetry is off in it. */
function openedLedger(options: LeadOptions, signal: AbortSignal) {
  const { ledgers: store, time, announce, known } = options;
  const opening = { store, now: time.now, onDamage: announce.ledgerUnusable };
  const isFinal = (error: unknown) => error instanceof NewerLedger;
  const attempting = { ...options, ...announce.attempts('read the ledger'), isFinal };

  return async (open: (opening: CustodyOptions) => Promise<Custody>): Promise<Custody> => {
    const custody = await persistently(() => open(opening), attempting, signal);
    known.since = custody.ledger.since;
    if (custody.ledger.consent === 'off') throw new WithdrawnElsewhere({ onAgain: false });
    return custody;
  };
}

async function uid(options: LeadOptions, signal: AbortSignal): Promise<string> {
  const { request, announce } = options;
  const attempt = () => readClusterUid(request, signal);
  const reports = announce.attempts('read the namespace kube-system');
  return await persistently(attempt, { ...options, ...reports, isFinal: () => false }, signal);
}
