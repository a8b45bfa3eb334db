import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { aborted, type Run, runAll } from '../runtime/run.ts';
import { type Admission, admission } from './admission.ts';
import { createDashboardApp, type DashboardAppOptions } from './dashboard-app.ts';
import { type ListenOptions, listen } from './listen.ts';
import type { Dashboard } from './model/view.ts';
import { readOnly } from './read-only.ts';
import { type BoundAddress, pageAddress } from './request-origin.ts';
import type { Sessions } from './sessions.ts';

export interface ServeDashboardOptions
  extends Omit<DashboardAppOptions, 'admission' | 'bound' | 'signal'> {
  readonly dashboard: Dashboard;
  readonly sessions: Sessions;
  readonly listenOn: ListenOptions;
  /** Returns 64 random hex digits, different ones in each call. */
  readonly randomId: () => string;
  /** Called once. `signal` aborts when the server ends. */
  readonly onListening: (listening: Listening, signal: AbortSignal) => void;
}

export interface Listening {
  readonly bound: BoundAddress;
  /** The address of the first page, without the token. */
  readonly address: string;
  /** The address to open, with the token. */
  readonly addressWithToken: string;
}

/** In milliseconds. A response has none: a stream of events stays open. */
const TIMEOUTS = { headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000 };
/** Browsers open six each. */
const MAX_CONNECTIONS = 200;

/**
 * Returns a `Run` that follows the cluster and serves its dashboard until aborted. Then all connections
 * are closed immediately.
 *
 * Rejects if it can't listen, with Node's error.
 */
export function serveDashboard(options: ServeDashboardOptions): Run {
  const { dashboard, sessions, listenOn, randomId, onListening } = options;
  return async function run(signal) {
    const server = createServer(TIMEOUTS);
    server.maxConnections = MAX_CONNECTIONS;
    const bound = { ...listenOn, port: await listen(server, listenOn) };
    const admitted = admission({ port: bound.port, randomId });
    const serve: Run = async (ending) => {
      const app = createDashboardApp({ ...options, admission: admitted, bound, signal: ending });
      // By default it replaces Node's global Request and Response by its own.
      server.on(
        'request',
        readOnly(getRequestListener(app.fetch, { overrideGlobalObjects: false })),
      );
      onListening(listening(bound, admitted), ending);
      await aborted(ending);
      server.close();
      server.closeAllConnections();
    };
    await runAll([serve, dashboard.run, sessions.run], signal);
  };
}

function listening(bound: BoundAddress, { token }: Admission): Listening {
  const address = pageAddress(bound);
  return { bound, address, addressWithToken: `${address}?token=${token}` };
}
