import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Batch } from './ingest/batch.ts';
import type { ByteBudget } from './ingest/byte-budget.ts';
import { REASONS } from './ingest/reasons.ts';
import type { Recorded } from './store/store.ts';

/** Every metric of the collector. `/metrics` and `docs/metrics.md` come from this table. */
export const COLLECTOR_METRICS = {
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
  refusedRequests: {
    name: 'kusk_collector_requests_refused_total',
    type: 'counter',
    help: 'Requests that were refused as a whole, by the code in their response.',
    label: 'code',
  },
  requestSeconds: {
    name: 'kusk_collector_request_seconds',
    type: 'histogram',
    help: 'Time from the headers of a request to its response, in seconds, by group of paths: intake, data, pages, operations or other.',
    label: 'route',
  },
  storeSeconds: {
    name: 'kusk_collector_store_seconds',
    type: 'histogram',
    help: 'Time of a call of the store, in seconds, with its retries: record, read, remove or check.',
    label: 'operation',
  },
  storeFailures: {
    name: 'kusk_collector_store_failures_total',
    type: 'counter',
    help: 'Calls of the store that failed: unavailable if the same call can succeed later, else failed.',
    label: 'reason',
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

interface HistogramRow {
  readonly name: string;
  readonly type: 'histogram';
  readonly help: string;
  readonly label: string;
}

/** The groups of paths. Their number is small because each has a histogram. */
export type Route = 'intake' | 'data' | 'pages' | 'operations' | 'other';

/** What a request took. */
export interface Response {
  readonly status: number;
  readonly route: Route;
  readonly seconds: number;
}

/** What the store does. */
export type StoreOperation = 'record' | 'read' | 'remove' | 'check';

export interface StoreCall {
  readonly operation: StoreOperation;
  readonly seconds: number;
  /** Why it failed, if it did. */
  readonly failure?: 'unavailable' | 'failed' | undefined;
}

/** Counts since the start of the process. Labels come from closed lists only. */
export interface CollectorMetrics {
  readonly onRecorded: (recorded: Recorded, batch: Batch) => void;
  readonly onResponse: (response: Response) => void;
  /** Counts a request that is refused as a whole, by its code. */
  readonly onRefused: (code: string) => void;
  readonly onStoreCall: (call: StoreCall) => void;
  readonly contentType: string;
  /** Resolves with all metrics in the Prometheus text format. */
  readonly text: () => Promise<string>;
}

/** Upper bounds in seconds. An intake takes about a millisecond, and a store is retried for 3 s. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1, 2.5, 5, 10];

export function collectorMetrics({ held }: Pick<ByteBudget, 'held'>): CollectorMetrics {
  const registry = new Registry();
  const registers = [registry];
  const accepted = counter(COLLECTOR_METRICS.accepted);
  const duplicates = counter(COLLECTOR_METRICS.duplicates);
  const refused = counter(COLLECTOR_METRICS.refused);
  const responses = counter(COLLECTOR_METRICS.responses);
  const refusedRequests = counter(COLLECTOR_METRICS.refusedRequests);
  const requestSeconds = histogram(COLLECTOR_METRICS.requestSeconds);
  const storeSeconds = histogram(COLLECTOR_METRICS.storeSeconds);
  const storeFailures = counter(COLLECTOR_METRICS.storeFailures);
  const { name, help } = COLLECTOR_METRICS.bytesInFlight;
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
  for (const reason of ['unavailable', 'failed']) storeFailures.inc({ reason }, 0);

  return {
    onRecorded(recorded, batch) {
      accepted.inc(recorded.accepted);
      duplicates.inc(recorded.duplicates);
      for (const [reason, count] of batch.refused) refused.inc({ reason }, count);
    },
    onResponse({ status, route, seconds }) {
      responses.inc({ status });
      requestSeconds.observe({ route }, seconds);
    },
    onRefused: (code) => refusedRequests.inc({ code }),
    onStoreCall({ operation, seconds, failure }) {
      storeSeconds.observe({ operation }, seconds);
      if (failure) storeFailures.inc({ reason: failure });
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };

  function counter({ name, help, label }: CounterRow) {
    return new Counter({ name, help, labelNames: label === undefined ? [] : [label], registers });
  }

  function histogram({ name, help, label }: HistogramRow) {
    return new Histogram({ name, help, labelNames: [label], buckets: BUCKETS, registers });
  }
}
