import { elect } from '../cluster/elect.ts';
import { readLedger } from '../record/ledger-text.ts';
import { beginConsent, NewerLedger } from './custody.ts';
import { problemsOfDelivery } from './delivery.ts';
import { lead } from './lead.ts';
import { onLedger } from './on-ledger.ts';
import { aborted, type LeadOptions, type TellingOptions } from './part.ts';

/** How often to look whether a ledger that forbids to tell allows it again, in milliseconds. */
const LOOK_AGAIN_MS = 10_000;

/** What the operator does while telemetry is on: one replica leads, the others wait. Blocks until aborted. */
export async function tellAsElected(options: TellingOptions, signal: AbortSignal): Promise<void> {
  const { config, announce, status, time } = options;
  const { writeKey, leaderElection, deliveryProblems } = config;
  if (!writeKey && deliveryProblems.length === 0) {
    announce.noWriteKey();
    status.idle = true;
    return await aborted(signal);
  }
  problemsOfDelivery(config, options.environment).forEach(announce.deliveryProblem);
  if (!(await begun(options, signal))) return await aborted(signal);

  const leading = async (leadership: LeadOptions['leadership'], each: AbortSignal) => {
    status.leading = true;
    await lead({ ...options, leadership }, each).finally(() => {
      status.leading = false;
    });
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
  while (!signal.aborted) {
    if (leaderElection) await elect(leading, election, signal);
    else await leading({ holds: () => true }, signal);
    // Only what the ledger says ends an election that nobody has aborted.
    status.idle = true;
    await allowedAgain(options, signal);
    status.idle = false;
  }
}

/**
 * Waits until the ledger says that telemetry is on. The replica that has switched it off may notice
 * later than this one that it is on again.
 */
async function allowedAgain({ ledgers, time }: TellingOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await time.wait(LOOK_AGAIN_MS, signal).catch(() => undefined);
    const map = await ledgers.read(signal).catch(() => undefined);
    const reading = readLedger(map?.text ?? '');
    if (reading.found === 'ledger' && reading.ledger.consent === 'on') return;
  }
}

/** Begins consent anew where it has ended. `false` if there is nothing to be done. */
async function begun(options: TellingOptions, signal: AbortSignal): Promise<boolean> {
  const { ledgers: store, time, announce, status, known } = options;
  const former = known.since;
  const attempt = () => beginConsent({ store, now: time.now, former }, signal);
  try {
    known.since = await onLedger(attempt, options, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    if (!(error instanceof NewerLedger)) throw error;
    announce.ledgerNewer(error.message);
    status.idle = true;
    return false;
  }
}
