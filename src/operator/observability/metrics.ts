import { Counter, Gauge, Registry } from 'prom-client';
import type { Health } from './health.ts';

/** The operator's metrics, read from its status when somebody asks. No labels but reasons. */
export function metrics(health: Health, now: () => number): Registry {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];

  const gauges: readonly (readonly [string, string, () => number])[] = [
    ['events_pending', 'Events that are not acknowledged yet.', () => health.pending()],
    [
      'seconds_since_last_delivery',
      'Seconds since an event was acknowledged. NaN if none was since the start.',
      () => (health.deliveredAt === undefined ? Number.NaN : (now() - health.deliveredAt) / 1000),
    ],
    ['leader', '1 if this replica leads, else 0.', () => Number(health.leading)],
    ['consent', '1 if telemetry is on, 0 if it is off.', () => Number(health.consent ?? false)],
  ];
  for (const [name, help, value] of gauges) {
    new Gauge({
      name: `kusk_telemetry_${name}`,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  }

  const counters: readonly (readonly [string, string, () => number])[] = [
    ['events_delivered_total', 'Events that were acknowledged.', () => health.delivered],
    ['events_failed_total', 'Attempts to deliver an event that failed.', () => health.failed],
  ];
  for (const [name, help, value] of counters) {
    new Counter({
      name: `kusk_telemetry_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }

  new Counter({
    name: 'kusk_telemetry_watch_restarts_total',
    help: 'Watches that began again, by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, count] of health.restarts) this.inc({ reason }, count);
    },
  });
  return registry;
}
