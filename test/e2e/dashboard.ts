import { DatabaseSync } from 'node:sqlite';
import { installationReader } from '../../src/cli/install/installation.ts';
import { connect } from '../../src/cluster/connect.ts';
import { createDashboard } from '../../src/dashboard/model/dashboard.ts';
import type { Dashboard, DashboardView, ResourceRow } from '../../src/dashboard/model/view.ts';
import { KINDS } from '../../src/event.ts';
import { systemTime } from '../../src/runtime/time.ts';

/** A dashboard of a real cluster, without its page. */
export interface RunningDashboard extends AsyncDisposable {
  readonly dashboard: Dashboard;
  readonly view: () => DashboardView;
  /** Returns the rows of all kinds. */
  readonly rows: () => readonly ResourceRow[];
}

/** Starts one with the rights of a kubeconfig. */
export function startDashboard(kubeconfig: string, namespace: string): RunningDashboard {
  const connection = connect({ kubeconfig, userAgent: 'kusk' });
  const dashboard = createDashboard({
    request: connection.request,
    cluster: {
      context: 'test',
      namespace,
      flags: { kusk: '', kubectl: '' },
    },
    server: () => connection.server,
    readInstallation: installationReader(namespace, { flags: {}, time: systemTime }),
    time: systemTime,
    random: Math.random,
  });
  const end = new AbortController();
  const run = dashboard.run(end.signal);
  return {
    dashboard,
    view: dashboard.view,
    rows: () => KINDS.flatMap((kind) => dashboard.view().kinds[kind].rows),
    async [Symbol.asyncDispose]() {
      end.abort();
      await run;
      await connection.close();
    },
  };
}

/** Returns the messageIds that a collector has stored, read from its database. */
export function storedIds(file: string): ReadonlySet<string> {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database.prepare('SELECT lower(hex(message_id)) AS id FROM event').all();
    return new Set(rows.map(({ id }) => String(id)));
  } finally {
    database.close();
  }
}
