import type { Kind } from '../../src/event.ts';
import { everyKind, type Ledger } from '../../src/record/ledger.ts';
import type { KindState, LedgerState, Span } from './evidence.ts';

/** The little of a ledger that a verdict needs: whole ones would fill the memory of a long run. */
export function stateOf(ledger: Ledger, during: Span): LedgerState {
  return {
    during,
    consent: ledger.consent,
    since: ledger.since,
    kinds: everyKind((kind) => kindState(ledger, kind)),
    pending: new Set(ledger.pending.map(({ subject }) => subject)),
  };
}

function kindState({ kinds }: Ledger, kind: Kind): KindState {
  const { resourceVersion, baseline, birth } = kinds[kind];
  return {
    ...(resourceVersion !== undefined && { revision: Number(resourceVersion) }),
    ...(birth && { birth: Number(birth.resourceVersion) }),
    baseline,
  };
}
