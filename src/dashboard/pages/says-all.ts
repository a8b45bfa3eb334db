import type { LedgerView, TelemetryView } from '../model/telemetry-view.ts';

/** The other ledgers can't be read, or say nothing about this cluster. */
const KNOWN: readonly LedgerView['state'][] = ['ok', 'missing', 'empty'];

/**
 * Returns whether the ledger says all that was sent, so that no payload in it means that there was none. An
 * operator in another namespace has a ledger of its own.
 */
export function saysAll({ state, ledger }: Pick<TelemetryView, 'state' | 'ledger'>): boolean {
  return state !== 'elsewhere' && KNOWN.includes(ledger.state);
}
