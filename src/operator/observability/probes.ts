import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Address } from './address.ts';
import { type Health, isAlive, isReady } from './health.ts';

/** What a path answers. */
export interface Page {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

export type Pages = Readonly<Record<string, () => Page | Promise<Page>>>;

/** A running server. */
export interface Server {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * Serves a few read-only pages.
 *
 * Rejects with an error that says what to change if the address can't be had.
 */
export async function serve(pages: Pages, { host, port }: Address): Promise<Server> {
  const server = createServer((request, response) => {
    // Anybody in the cluster may ask for anything: some of it is no URL.
    const path = URL.parse(request.url ?? '/', 'http://localhost')?.pathname ?? '';
    void answer(pages[path], response);
  });
  // A slow or idle client must not hold a socket for ever.
  server.requestTimeout = 10_000;
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject).listen({ port, host }, listening.resolve);
  await listening.promise;
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(page: Pages[string] | undefined, response: ServerResponse): Promise<void> {
  const { status, type, body } = (await page?.()) ?? { status: 404, body: 'not found\n' };
  response.writeHead(status, { 'Content-Type': type ?? 'text/plain; charset=utf-8' }).end(body);
}

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
