import { clusterIdOf, type Facts, usableLedger } from './facts.ts';
import { previewsOf } from './previews.ts';
import type { DashboardView } from './view.ts';

export interface PayloadsOptions {
  /** The time in the previews, in milliseconds since the epoch. */
  readonly atMs: number;
}

/** Returns what was sent, as the ledger has it, and what can be. */
export function payloadsOf(facts: Facts, { atMs }: PayloadsOptions): DashboardView['payloads'] {
  const sent = usableLedger(facts)?.sent ?? [];
  return {
    sent: sent.toReversed().map((payload) => ({ payload, body: JSON.stringify(payload) })),
    previews: previewsOf({ clusterId: clusterIdOf(facts), atMs }),
  };
}
