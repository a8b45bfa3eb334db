import { readClusterUid } from '../cluster/identity.ts';
import { clusterId } from '../record/identity.ts';
import { type Custody, NewerLedger, openLedger } from './custody.ts';
import { WithdrawnElsewhere } from './ownership.ts';
import type { LeadOptions } from './part.ts';
import { persistently } from './persistently.ts';
import { work } from './work.ts';

/**
 * What the leader does while telemetry is on: learns who this cluster is, opens the ledger, works.
 *
 * Resolves when aborted, and where the ledger says that another replica has switched telemetry off,
 * or that a newer program has written it: then somebody else may lead.
 */
export async function lead(options: LeadOptions, signal: AbortSignal): Promise<void> {
  const { announce, config, known } = options;
  try {
    const custody = await ledger(options, signal);
    known.since = custody.ledger.since;
    if (custody.ledger.consent === 'off') throw new WithdrawnElsewhere({ onAgain: false });
    const id = clusterId(await uid(options, signal));
    announce.cluster(id, config.endpoint);
    await work({ ...options, custody, id }, signal);
  } catch (error) {
    // What this process has switched off itself is not news.
    if (signal.aborted) return;
    if (error instanceof NewerLedger) announce.ledgerNewer(error.message);
    else if (error instanceof WithdrawnElsewhere) announce.withdrawnElsewhere(error.onAgain);
    else throw error;
  }
}

async function ledger(options: LeadOptions, signal: AbortSignal): Promise<Custody> {
  const { ledgers: store, time, announce } = options;
  const attempt = () =>
    openLedger({ store, now: time.now, onDamage: announce.ledgerUnusable }, signal);
  const isFinal = (error: unknown) => error instanceof NewerLedger;
  const reports = announce.attempts('read the ledger');
  return await persistently(attempt, { ...options, ...reports, isFinal }, signal);
}

async function uid(options: LeadOptions, signal: AbortSignal): Promise<string> {
  const { request, announce } = options;
  const attempt = () => readClusterUid(request, signal);
  const reports = announce.attempts('read the namespace kube-system');
  return await persistently(attempt, { ...options, ...reports, isFinal: () => false }, signal);
}
