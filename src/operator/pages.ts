import type { Registry } from 'prom-client';
import { type Health, isAlive, isReady } from './observability/health.ts';
import type { Pages } from './observability/probes.ts';

/** The probes: `/healthz` for liveness, `/readyz` for readiness. */
export function probes(health: Health, steady: () => number): Pages {
  return {
    '/healthz': () =>
      isAlive(health, steady())
        ? { status: 200, body: 'ok\n' }
        : { status: 503, body: 'a watch has made no progress for five minutes\n' },
    '/readyz': () =>
      isReady(health)
        ? { status: 200, body: 'ok\n' }
        : { status: 503, body: 'the first list is not done\n' },
  };
}

/** `/metrics` in the Prometheus text format. */
export function metricsPage(registry: Registry): Pages {
  return {
    '/metrics': async () => ({
      status: 200,
      type: registry.contentType,
      body: await registry.metrics(),
    }),
  };
}
