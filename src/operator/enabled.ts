import { elect } from '../cluster/elect.ts';
import type { LedgerMap } from '../cluster/ledger-configmap.ts';
import { readLedger } from '../record/ledger-json.ts';
import { problemsOfDelivery } from './delivery.ts';
import { aborted, type LeadOptions, type TellingOptions } from './dependencies.ts';
import { lead } from './leader.ts';
import { LOOK_AGAIN_MS, onLedger } from './retry-on-ledger.ts';
import { beginConsent, type NewerLedger } from './stored-ledger.ts';

/**
 * What the operator does while telemetry is on: one replica leads, the others wait. Blocks until
 * aborted, also after consent has ended: a leader keeps the lease until the ledger says so, as the
 * next leader would send what is pending there.
 */
export async function tellAsElected(options: TellingOptions, signal: AbortSignal): Promise<void> {
  const { config, announce, status, time } = options;
  const { writeKey, leaderElection, deliveryProblems } = config;
  if (!writeKey && deliveryProblems.length === 0) {
    announce.noWriteKey();
    status.idle = true;
    return await aborted(signal);
  }
  problemsOfDelivery(config, options.environment).forEach(announce.deliveryProblem);
  const telling = AbortSignal.any([signal, options.ended]);
  await begin(options, telling);

  const leading = async (leadership: LeadOptions['leadership'], each: AbortSignal) => {
    const either = AbortSignal.any([each, options.ended]);
    status.leading = true;
    await lead({ ...options, leadership }, either).finally(() => {
      status.leading = false;
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
      status.following = state !== 'leading';
      announce.leader(state);
    },
    ...announce.attempts('read or write the lease'),
  };
  while (!telling.aborted) {
    if (leaderElection) await elect(leading, election, signal);
    else await leading({ holds: () => true }, signal);
    // Only what the ledger says ends an election that is not aborted.
    status.idle = true;
    await allowedAgain(options, telling);
    status.idle = false;
  }
  await aborted(signal);
}

/**
 * Waits until the ledger allows to go on: it says that telemetry is on, or somebody has emptied,
 * damaged or deleted the one that did not allow it. The replica that has switched it off may notice
 * later than this one that it is on again.
 */
async function allowedAgain({ ledgers, time }: TellingOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const allowed = await ledgers.read(signal).then(allows, () => false);
    if (allowed) return;
    await time.wait(LOOK_AGAIN_MS, signal).catch(() => undefined);
  }
}

function allows(map: LedgerMap | undefined): boolean {
  const reading = readLedger(map?.text ?? '');
  if (reading.found === 'newer') return false;
  return reading.found === 'damage' || reading.ledger.consent === 'on';
}

/** Begins consent anew if it has ended. Resolves when aborted, too. */
async function begin(options: TellingOptions, signal: AbortSignal): Promise<void> {
  const { ledgers: store, time, announce, status, known } = options;
  const former = known.since;
  const attempt = () => beginConsent({ store, now: time.now, former }, signal);
  const onNewer = (error: NewerLedger) => {
    if (!status.idle) announce.ledgerNewer(error.message);
    status.idle = true;
  };
  try {
    known.since = await onLedger(attempt, { ...options, onNewer }, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  status.idle = false;
}
