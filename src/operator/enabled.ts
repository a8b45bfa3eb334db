import { elect } from '../cluster/elect.ts';
import type { LedgerConfigMap } from '../cluster/ledger-configmap.ts';
import { parseLedger } from '../record/ledger-json.ts';
import { problemsOfDelivery } from './delivery.ts';
import { aborted, type EnabledOptions, type LeaderOptions } from './dependencies.ts';
import { runLeader } from './leader.ts';
import { RECHECK_MS, retryOnLedger } from './retry-on-ledger.ts';
import { beginConsent, type NewerLedger } from './stored-ledger.ts';

/**
 * What the operator does while telemetry is on: one replica leads, the others wait. Blocks until
 * aborted, also after consent has ended: a leader keeps the lease until the ledger says so, as the
 * next leader would send what is pending there.
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
  const telling = AbortSignal.any([signal, options.ended]);
  await begin(options, telling);

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
  while (!telling.aborted) {
    if (leaderElection) await elect(leading, election, signal);
    else await leading({ holds: () => true }, signal);
    // Only what the ledger says ends an election that is not aborted.
    health.idle = true;
    await allowedAgain(options, telling);
    health.idle = false;
  }
  await aborted(signal);
}

/**
 * Waits until the ledger allows to go on: it says that telemetry is on, or somebody has emptied,
 * damaged or deleted the one that did not allow it. The replica that has switched it off may notice
 * later than this one that it is on again.
 */
async function allowedAgain({ ledgers, time }: EnabledOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const allowed = await ledgers.read(signal).then(allows, () => false);
    if (allowed) return;
    await time.wait(RECHECK_MS, signal).catch(() => undefined);
  }
}

function allows(map: LedgerConfigMap | undefined): boolean {
  const reading = parseLedger(map?.text ?? '');
  if (reading.found === 'newer') return false;
  return reading.found === 'damage' || reading.ledger.consent === 'on';
}

/** Begins consent anew if it has ended. Resolves when aborted, too. */
async function begin(options: EnabledOptions, signal: AbortSignal): Promise<void> {
  const { ledgers: store, time, log, health, known } = options;
  const former = known.since;
  const attempt = () => beginConsent({ store, now: time.now, former }, signal);
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
