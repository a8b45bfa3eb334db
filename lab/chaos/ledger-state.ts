import type { Kind } from '../../src/event.ts';
import { everyKind, type Ledger } from '../../src/record/ledger.ts';
import {
  EPOCH,
  epochAt,
  type KindState,
  type LedgerState,
  type Restore,
  type Span,
  stamp,
} from './evidence.ts';

export interface StateOptions {
  readonly during: Span;
  readonly restores: readonly Restore[];
  /** How far history is known to have come by then, in the evidence's `resourceVersion`s. */
  readonly known: number;
}

/** The little of a ledger that a verdict needs: whole ones would fill the memory of a long run. */
export function stateOf(ledger: Ledger, options: StateOptions): LedgerState {
  return {
    during: options.during,
    consent: ledger.consent,
    since: ledger.since,
    kinds: everyKind((kind) => kindState(ledger, kind, options)),
    pending: new Set(ledger.pending.map(({ subject }) => subject)),
  };
}

function kindState({ kinds }: Ledger, kind: Kind, options: StateOptions): KindState {
  const { resourceVersion, baseline, consentStart: birth } = kinds[kind];
  const bornAt = birth && stamp(() => birth.createdAt * 1000);
  return {
    ...(resourceVersion !== undefined && { revision: seenRevision(resourceVersion, options) }),
    ...(bornAt && { birth: Number(birth.resourceVersion) + epochAt(bornAt, options.restores) }),
    baseline,
  };
}

/** Updates and leases are not noted, so an operator may have seen so much more than is known. */
const AHEAD = 200;

/** After a restore, one that is ahead of all that is known was seen before it. */
function seenRevision(resourceVersion: string, { during, restores, known }: StateOptions): number {
  const epoch = epochAt(during.from, restores);
  const revision = Number(resourceVersion) + epoch;
  return epoch > 0 && revision > known + AHEAD ? revision - EPOCH : revision;
}
