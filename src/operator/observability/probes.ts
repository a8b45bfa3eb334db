import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Address } from './address.ts';
import { type Health, isAlive, isReady } from './health.ts';

/** The response of one path. */
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
 * Serves read-only pages.
 *
 * Rejects if it can't listen on the address, with the error of Node.
 */
export async function serve(pages: Pages, { host, port }: Address): Promise<Server> {
  const server = createServer((request, response) => {
    // Any client in the cluster may send any path, also an invalid one.
    const path = URL.parse(request.url ?? '/', 'http://localhost')?.pathname ?? '';
    void respond(pages[path], response);
  });
  // A slow or idle client must not keep a socket open forever.
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

async function respond(page: Pages[string] | undefined, response: ServerResponse): Promise<void> {
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
