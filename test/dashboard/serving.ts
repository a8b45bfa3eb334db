import { randomBytes } from 'node:crypto';
import type { DashboardView } from '../../src/dashboard/model/view.ts';
import type { MachineView } from '../../src/dashboard/pages/page-facts.ts';
import { type Listening, serveDashboard } from '../../src/dashboard/serve-dashboard.ts';
import { countSessions, isCertainlyOn } from '../../src/dashboard/sessions.ts';
import type { Deliver } from '../../src/event.ts';
import { systemTime, type Time } from '../../src/runtime/time.ts';
import { type FakeDashboard, fakeDashboard, NOW } from './views.ts';

export interface ServingOptions {
  readonly view: DashboardView;
  readonly machine?: MachineView;
  readonly deliver?: Deliver;
  readonly port?: number;
  readonly address?: string;
  readonly time?: Time;
}

export interface Serving extends Listening, AsyncDisposable {
  readonly dashboard: FakeDashboard;
  readonly failures: readonly unknown[];
  /** Ends it as Ctrl-C does. Resolves when it has ended. */
  readonly stop: () => Promise<void>;
}

export const MACHINE_ON: MachineView = {
  isOn: true,
  decidedBy: 'no switch is set',
  endpoint: 'https://api.segment.io/',
};

/** Starts a dashboard of a fake cluster on a free port. Its clock begins at `NOW`. */
export async function serving(options: ServingOptions): Promise<Serving> {
  const { view, machine = MACHINE_ON, port = 0, address = '127.0.0.1' } = options;
  const { deliver = async () => {} } = options;
  const offset = NOW - Date.now();
  const time = options.time ?? { ...systemTime, now: () => Date.now() + offset };
  const dashboard = fakeDashboard(view);
  const randomId = () => randomBytes(32).toString('hex');
  const isOn = () => machine.isOn && isCertainlyOn(dashboard.view());
  const sessions = countSessions({ isOn, deliver, randomId, random: () => 0, time });
  const failures: unknown[] = [];
  const stopping = new AbortController();
  const listening = Promise.withResolvers<Listening>();
  const running = serveDashboard({
    dashboard,
    sessions,
    machine: () => machine,
    time,
    randomId,
    listenOn: { address, port },
    onFailure: (error) => void failures.push(error),
    onListening: listening.resolve,
  })(stopping.signal);
  running.catch(listening.reject);
  const stop = async () => {
    stopping.abort();
    await running;
  };
  return { ...(await listening.promise), dashboard, failures, stop, [Symbol.asyncDispose]: stop };
}
