import type { LeaseSpec } from '../../cluster/lease.ts';
import type { Ledger } from '../../record/ledger.ts';
import type { Installation } from './installation.ts';

/** What was read of an installation. Each part may be missing, or not readable. */
export interface Facts {
  /** `denied`: the person may not read the namespace. */
  readonly installation: Installation | 'unread' | 'denied';
  readonly ledger: LedgerFacts;
  readonly lease: LeaseFacts | undefined;
  /** The cluster's id as computed from the UID of kube-system, if that may be read. */
  readonly computedId: string | undefined;
}

export type LedgerFacts =
  | { readonly state: 'read'; readonly ledger: Ledger }
  | { readonly state: 'unread' | 'missing' | 'empty' | 'denied' }
  | { readonly state: 'newer'; readonly version: number }
  | { readonly state: 'damaged'; readonly problem: string };

export interface LeaseFacts {
  readonly spec: LeaseSpec;
  /** Whether it was renewed within its duration. */
  readonly isCurrent: boolean;
}

export const NO_FACTS: Facts = {
  installation: 'unread',
  ledger: { state: 'unread' },
  lease: undefined,
  computedId: undefined,
};

/** Returns the ledger if it can be used for this cluster. */
export function usableLedger({
  ledger,
  computedId,
}: Pick<Facts, 'ledger' | 'computedId'>): Ledger | undefined {
  if (ledger.state !== 'read') return undefined;
  const { cluster } = ledger.ledger;
  const isForeign = ![undefined, computedId].includes(cluster) && computedId !== undefined;
  return isForeign ? undefined : ledger.ledger;
}

/** Returns the id of the cluster: computed, else as its ledger has it. */
export function clusterIdOf(facts: Facts): string | undefined {
  return facts.computedId ?? usableLedger(facts)?.cluster;
}
