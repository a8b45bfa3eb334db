import { UsageError } from '../../support/usage-error.ts';
import { API_FAULTS } from './api.ts';
import { CLUSTER_FAULTS } from './cluster.ts';
import type { Fault } from './fault.ts';
import { LEDGER_FAULTS } from './ledger.ts';
import { PROCESS_FAULTS } from './processes.ts';
import { SEGMENT_FAULTS } from './segment.ts';

/** Every fault that a schedule draws from. */
export const FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...CLUSTER_FAULTS,
  ...API_FAULTS,
  ...SEGMENT_FAULTS,
  ...LEDGER_FAULTS,
];

/** Returns the faults whose name contains one of the texts, or all if there are none. Throws a `UsageError`. */
export function faultsNamed(texts: readonly string[]): readonly Fault[] {
  const unknown = texts.find((text) => !FAULTS.some(({ name }) => name.includes(text)));
  if (unknown !== undefined) {
    const names = FAULTS.map(({ name }) => `  ${name}`).join('\n');
    throw new UsageError(`No fault is named "${unknown}". Write a part of one of these:\n${names}`);
  }
  if (texts.length === 0) return FAULTS;
  return FAULTS.filter(({ name }) => texts.some((text) => name.includes(text)));
}
