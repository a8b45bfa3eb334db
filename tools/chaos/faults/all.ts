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
