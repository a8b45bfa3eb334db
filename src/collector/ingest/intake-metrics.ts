import { Counter, Gauge, Registry } from 'prom-client';
import type { Recorded } from '../store/store.ts';
import type { Batch } from './batch.ts';
import type { ByteBudget } from './byte-budget.ts';
import { REASONS } from './reasons.ts';

/** Every metric of the collector. `/metrics` and `docs/metrics.md` come from this table. */
export const INTAKE_METRICS = {
  accepted: {
    name: 'kusk_collector_events_accepted_total',
    type: 'counter',
    help: 'Events that were stored.',
  },
  duplicates: {
    name: 'kusk_collector_events_duplicate_total',
    type: 'counter',
    help: 'Events whose messageId was stored before.',
  },
  refused: {
    name: 'kusk_collector_events_refused_total',
    type: 'counter',
    help: 'Events that were refused, by reason.',
    label: 'reason',
  },
  responses: {
    name: 'kusk_collector_requests_total',
    type: 'counter',
    help: 'Requests, by the status of their response.',
    label: 'status',
  },
  bytesInFlight: {
    name: 'kusk_collector_bytes_in_flight',
    type: 'gauge',
    help: 'Bytes of request bodies that are held in memory.',
  },
} as const;

interface CounterRow {
  readonly name: string;
  readonly type: 'counter';
  readonly help: string;
  readonly label?: string;
}

/** Counts since the start of the process. Labels come from closed lists only. */
export interface IntakeMetrics {
  readonly onRecorded: (recorded: Recorded, batch: Batch) => void;
  readonly onResponse: (status: number) => void;
  readonly contentType: string;
  /** Resolves with all metrics in the Prometheus text format. */
  readonly text: () => Promise<string>;
}

export function intakeMetrics({ held }: Pick<ByteBudget, 'held'>): IntakeMetrics {
  const registry = new Registry();
  const registers = [registry];
  const accepted = counter(INTAKE_METRICS.accepted);
  const duplicates = counter(INTAKE_METRICS.duplicates);
  const refused = counter(INTAKE_METRICS.refused);
  const responses = counter(INTAKE_METRICS.responses);
  const { name, help } = INTAKE_METRICS.bytesInFlight;
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(held());
    },
  });
  // rate() misses the first event of a counter that did not exist before it.
  for (const reason of REASONS) refused.inc({ reason }, 0);

  return {
    onRecorded(recorded, batch) {
      accepted.inc(recorded.accepted);
      duplicates.inc(recorded.duplicates);
      for (const [reason, count] of batch.refused) refused.inc({ reason }, count);
    },
    onResponse: (status) => responses.inc({ status }),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };

  function counter({ name, help, label }: CounterRow) {
    return new Counter({ name, help, labelNames: label === undefined ? [] : [label], registers });
  }
}
