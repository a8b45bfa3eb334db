import { elect } from '../cluster/elect.ts';
import { hasStatus } from '../cluster/errors.ts';
import { beginConsent, NewerLedger } from './custody.ts';
import { lead } from './lead.ts';
import { aborted, type LeadOptions, type PartOptions } from './part.ts';
import { persistently } from './persistently.ts';

export interface TellingOptions extends PartOptions {
  /** `false` from the moment at which telemetry is switched off. */
  readonly consented: () => boolean;
}

/** What the operator does while telemetry is on: one replica leads, the others wait. Blocks until aborted. */
export async function tellAsElected(options: TellingOptions, signal: AbortSignal): Promise<void> {
  const { config, announce, status, time } = options;
  const { writeKey, leaderElection } = config;
  if (!writeKey) {
    announce.noWriteKey();
    status.idle = true;
    return await aborted(signal);
  }
  if (!(await begun(options, signal))) return await aborted(signal);

  const leading = async (leadership: LeadOptions['leadership'], each: AbortSignal) => {
    status.leading = true;
    await lead({ ...options, leadership, writeKey }, each).finally(() => {
      status.leading = false;
    });
  };
  if (!leaderElection) return await leading({ holds: () => true }, signal);
  const { leases: store, identity, random } = options;
  const election = {
    store,
    identity,
    time,
    random,
    onState(state: 'leading' | 'following' | 'lost') {
      status.following = state !== 'leading';
      announce.leader(state);
    },
    onTrouble: (error: unknown) => announce.trouble('read or write the lease', error),
  };
  await elect(leading, election, signal);
}

/** Begins consent anew if the ledger says that it was off. `false` if there is nothing to be done. */
async function begun(options: TellingOptions, signal: AbortSignal): Promise<boolean> {
  const { ledgers: store, time, announce, status } = options;
  const attempt = () => beginConsent({ store, now: time.now }, signal);
  const onTrouble = (error: unknown) => {
    // A 409 says that another replica was faster: the next look finds what it has written.
    if (!hasStatus(error, 409)) announce.trouble('read the ledger', error);
  };
  const isFinal = (error: unknown) => error instanceof NewerLedger;
  try {
    await persistently(attempt, { ...options, onTrouble, isFinal }, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    if (!(error instanceof NewerLedger)) throw error;
    announce.ledgerNewer(error.message);
    status.idle = true;
    return false;
  }
}
