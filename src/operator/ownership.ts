import type { LedgerConfigMap } from '../cluster/ledger-configmap.ts';
import { parseLedger } from '../record/ledger-json.ts';
import { isForeign, NewerLedger } from './stored-ledger.ts';

/** Another replica has ended the consent under which this process records and sends. */
export class WithdrawnElsewhere extends Error {
  /** Whether the ledger says that telemetry is on again, under another consent. */
  readonly onAgain: boolean;

  constructor({ onAgain }: { readonly onAgain: boolean }) {
    super(onAgain ? 'the ledger has another consent' : 'the ledger says that telemetry is off');
    this.onAgain = onAgain;
  }
}

/** Whether an error says that the ledger is no longer this process's to write. */
export function isNotOurs(error: unknown): boolean {
  return error instanceof WithdrawnElsewhere || error instanceof NewerLedger;
}

/** Whether the ledger still has the consent under which a process records and sends. */
export interface Ownership {
  /** `false` from the moment at which a check has failed. */
  readonly holds: () => boolean;
  /**
   * Judges the ledger as it was read: whether it has what this process wrote, or another replica under
   * the same consent. Throws `WithdrawnElsewhere` or `NewerLedger` if it is no longer
   * this process's. Returns `false` for one that is absent, empty, damaged or another cluster's: it
   * says nothing, and this process writes it again. But off is off, whichever cluster it names.
   */
  readonly check: (map: LedgerConfigMap | undefined) => boolean;
}

export interface OwnershipOptions {
  /** The mark of the consent under which the process records and sends. */
  readonly since: string;
  /** The id of this cluster. */
  readonly cluster: string;
}

/** Ownership of the ledger under one consent. */
export function ownership(options: OwnershipOptions): Ownership {
  let lost = false;
  return {
    holds: () => !lost,
    check(map) {
      const verdict = judged(map, options);
      if (!(verdict instanceof Error)) return verdict;
      // Before anything is aborted: what is sent or written asks `holds()` first.
      lost = true;
      throw verdict;
    },
  };
}

function judged(
  map: LedgerConfigMap | undefined,
  { since, cluster }: OwnershipOptions,
): Error | boolean {
  const reading = map?.text === undefined ? undefined : parseLedger(map.text);
  if (reading?.found === 'newer') return new NewerLedger(`it is of version ${reading.version}`);
  if (reading?.found !== 'ledger') return false;
  const { ledger } = reading;
  if (ledger.consent === 'off') return new WithdrawnElsewhere({ onAgain: false });
  if (isForeign(ledger, { cluster })) return false;
  return ledger.since === since || new WithdrawnElsewhere({ onAgain: true });
}
