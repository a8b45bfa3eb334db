import { elect } from '../cluster/elect.ts';
import type { LedgerConfigMap } from '../cluster/ledger-configmap.ts';
import { retry } from '../cluster/retry.ts';
import { parseLedger } from '../record/ledger-json.ts';
import { aborted } from '../runtime/run.ts';
import { beginConsent } from './consent-in-ledger.ts';
import type { EnabledOptions, LeaderOptions } from './dependencies.ts';
import { runLeader } from './leader.ts';
import { problemsOfDelivery } from './outbox/delivery.ts';
import { RECHECK_MS, retryOnLedger } from './retry-on-ledger.ts';
import { isOutdated, type NewerLedger } from './stored-ledger.ts';

/**
 * Runs while telemetry is on: one replica leads, the others stand by.
 *
 * Blocks until aborted, even after consent has ended. The leader keeps the lease until consent is off
 * in the ledger: otherwise the next leader would send the events that are pending there.
 */
export async function runEnabled(options: EnabledOptions, signal: AbortSignal): Promise<void> {
  const { config, log, health, time } = options;
  const { writeKey, leaderElection, deliveryProblems } = config;
  if (!writeKey && deliveryProblems.length === 0) {
    log.noWriteKey();
    health.idle = true;
    return await aborted(signal);
  }
  problemsOfDelivery(config, options.environment).forEach(log.deliveryProblem);
  const consentSignal = AbortSignal.any([signal, options.ended]);
  await beginInLedger(options, consentSignal);

  const leading = async (leadership: LeaderOptions['leadership'], each: AbortSignal) => {
    const either = AbortSignal.any([each, options.ended]);
    health.leading = true;
    await runLeader({ ...options, leadership }, either).finally(() => {
      health.leading = false;
    });
    if (options.ended.aborted) await aborted(each);
  };
  const { leases: store, identity, random, recovery } = options;
  const election = {
    store,
    identity,
    time,
    random,
    recovery,
    onState(state: 'leading' | 'following' | 'lost') {
      health.following = state !== 'leading';
      log.leader(state);
    },
    ...log.attempts('read or write the lease'),
  };
  while (!consentSignal.aborted) {
    if (leaderElection) await elect(leading, election, signal);
    else await leading({ holds: () => true }, signal);
    // Without an abort, an election ends only if the ledger forbids leading.
    health.idle = true;
    await untilAllowed(options, consentSignal);
    health.idle = false;
  }
  await aborted(signal);
}

/**
 * Resolves when the ledger allows this replica to lead, or when aborted. The ledger allows it if
 * consent is on in it, unless it is outdated, or if it was emptied, damaged or deleted.
 *
 * The replica that switched telemetry off may see later than this one that it is on again.
 */
async function untilAllowed(options: EnabledOptions, signal: AbortSignal): Promise<void> {
  const { ledgers, time, known } = options;
  const former = known.since;
  while (!signal.aborted) {
    const map = await ledgers.read(signal).catch(() => 'unreadable' as const);
    if (map !== 'unreadable' && allows(map, { former })) return;
    await time.wait(RECHECK_MS, signal).catch(() => undefined);
  }
}

function allows(
  map: LedgerConfigMap | undefined,
  { former }: { readonly former: string | undefined },
): boolean {
  const reading = parseLedger(map?.text ?? '');
  if (reading.found === 'newer') return false;
  if (reading.found === 'damage') return true;
  return reading.ledger.consent === 'on' && !isOutdated(reading.ledger, { former });
}

/** Begins consent in the ledger, or finds it there. Also resolves when aborted. */
async function beginInLedger(options: EnabledOptions, signal: AbortSignal): Promise<void> {
  const { ledgers: store, time, log, health, known } = options;
  const former = known.since;
  const beginning = {
    ...{ store, now: time.now, onDamage: log.ledgerUnusable, former },
    isLed: (each: AbortSignal) => isLedByAnother(options, each),
  };
  const attempt = () => beginConsent(beginning, signal);
  const onNewer = (error: NewerLedger) => {
    if (!health.idle) log.ledgerNewer(error.message);
    health.idle = true;
  };
  try {
    known.since = await retryOnLedger(attempt, { ...options, onNewer }, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  health.idle = false;
}

/** Returns whether another replica holds the lease, or may not have released it. Retries until it can be read. */
async function isLedByAnother(options: EnabledOptions, signal: AbortSignal): Promise<boolean> {
  const { config, leases, identity, log } = options;
  if (!config.leaderElection) return false;
  const reading = { ...options, ...log.attempts('read or write the lease'), isFinal: () => false };
  const lease = await retry(() => leases.read(signal), reading, signal);
  const { holderIdentity: holder = '' } = lease?.spec ?? {};
  return holder !== '' && holder !== identity;
}
