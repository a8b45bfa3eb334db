import { Counter, Gauge, Registry } from 'prom-client';
import type { Recorded } from '../store/store.ts';
import type { Batch } from './batch.ts';
import type { ByteBudget } from './byte-budget.ts';
import { REASONS } from './reasons.ts';

/** What happened since the start of the process. Labels are of closed lists only. */
export interface IntakeMetrics {
  readonly onRecorded: (recorded: Recorded, batch: Batch) => void;
  readonly onResponse: (status: number) => void;
  readonly contentType: string;
  /** Resolves with all of them in the Prometheus text format. */
  readonly text: () => Promise<string>;
}

export function intakeMetrics({ held }: Pick<ByteBudget, 'held'>): IntakeMetrics {
  const registry = new Registry();
  const registers = [registry];
  const accepted = new Counter({
    name: 'kusk_collector_events_accepted_total',
    help: 'Events that were stored.',
    registers,
  });
  const duplicates = new Counter({
    name: 'kusk_collector_events_duplicate_total',
    help: 'Events whose messageId was stored before.',
    registers,
  });
  const refused = new Counter({
    name: 'kusk_collector_events_refused_total',
    help: 'Events that were refused, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const responses = new Counter({
    name: 'kusk_collector_requests_total',
    help: 'Requests, by the status of their response.',
    labelNames: ['status'],
    registers,
  });
  new Gauge({
    name: 'kusk_collector_bytes_in_flight',
    help: 'Bytes of request bodies that are held in memory.',
    registers,
    collect() {
      this.set(held());
    },
  });
  // A counter that appears only with its first event hides that event from rate().
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
}
