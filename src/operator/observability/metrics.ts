import { Counter, Gauge, Registry } from 'prom-client';
import type { Health } from './health.ts';

/** One metric of the operator. Labels are of closed lists only. */
type Metric = {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
} & (
  | { readonly label?: undefined; readonly read: (health: Health) => number }
  | { readonly label: string; readonly read: (health: Health) => ReadonlyMap<string, number> }
);

/** Every metric of the operator. `/metrics` and `docs/metrics.md` come from this table. */
export const METRICS: readonly Metric[] = [
  {
    name: 'kusk_telemetry_events_pending',
    type: 'gauge',
    help: 'Events that are not acknowledged yet.',
    read: ({ pending }) => pending(),
  },
  {
    name: 'kusk_telemetry_last_delivery_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time of the last acknowledged event, in seconds. NaN if there was none since the start.',
    read: ({ deliveredAt }) => (deliveredAt === undefined ? Number.NaN : deliveredAt / 1000),
  },
  {
    name: 'kusk_telemetry_leader',
    type: 'gauge',
    help: '1 if this replica leads, else 0.',
    read: ({ leading }) => Number(leading),
  },
  {
    name: 'kusk_telemetry_consent',
    type: 'gauge',
    help: '1 if telemetry is on, 0 if it is off.',
    read: ({ consent }) => Number(consent ?? false),
  },
  {
    name: 'kusk_telemetry_events_delivered_total',
    type: 'counter',
    help: 'Events that were acknowledged.',
    read: ({ delivered }) => delivered,
  },
  {
    name: 'kusk_telemetry_events_failed_total',
    type: 'counter',
    help: 'Failed attempts to send an event. An event counts once for each attempt.',
    read: ({ failed }) => failed,
  },
  {
    name: 'kusk_telemetry_events_refused_total',
    type: 'counter',
    help: 'Events that the endpoint refused while it accepted others. They stay pending and are retried rarely.',
    read: ({ refused }) => refused,
  },
  {
    name: 'kusk_telemetry_watch_restarts_total',
    type: 'counter',
    help: 'Watches that were restarted, by reason.',
    label: 'reason',
    read: ({ restarts }) => restarts,
  },
];

/** Returns a registry that reads the metrics from `health` at each scrape. */
export function metrics(health: Health): Registry {
  const registry = new Registry();
  for (const metric of METRICS) register(metric, health, registry);
  return registry;
}

function register(metric: Metric, health: Health, registry: Registry): void {
  const { name, help, label } = metric;
  const labelNames = label === undefined ? [] : [label];
  const options = { name, help, labelNames, registers: [registry] };
  if (metric.type === 'gauge') {
    new Gauge({
      ...options,
      collect() {
        this.reset();
        for (const { labels, value } of samples(metric, health)) this.set(labels, value);
      },
    });
  } else {
    new Counter({
      ...options,
      collect() {
        this.reset();
        for (const { labels, value } of samples(metric, health)) this.inc(labels, value);
      },
    });
  }
}

function samples(metric: Metric, health: Health) {
  if (metric.label === undefined) return [{ labels: {}, value: metric.read(health) }];
  const { label } = metric;
  return [...metric.read(health)].map(([word, value]) => ({ labels: { [label]: word }, value }));
}
