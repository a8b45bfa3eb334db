import { createDashboard } from '../../dashboard/model/dashboard.ts';
import { browserObstacle, openBrowser } from '../../dashboard/open-browser.ts';
import { isWildcard } from '../../dashboard/request-origin.ts';
import { type Listening, serveDashboard } from '../../dashboard/serve-dashboard.ts';
import { countSessions, isCertainlyOn } from '../../dashboard/sessions.ts';
import { messageOf } from '../../runtime/message-of.ts';
import type { CommandContext, ExitCode, RunCommand } from '../command.ts';
import { isFlagSet } from '../flags.ts';
import { commandFlags, pageFlags } from '../install/cluster-flags.ts';
import { installationReader } from '../install/installation.ts';
import { type Session, withCluster } from '../install/session.ts';
import { sendSession } from '../machine/send.ts';
import { readNamespace } from '../namespace.ts';
import { safeText } from '../output/safe-text.ts';
import { confirmAddress, listenError, readListenOn } from './dashboard-address.ts';
import { dashboardMachine } from './dashboard-machine.ts';

/** `kusk dashboard`: serves until Ctrl-C, whether or not the cluster can be reached. */
export const run: RunCommand = async (context) => {
  context.favorMemory();
  const listenOn = readListenOn(context.flags);
  const namespace = readNamespace(context.flags);
  await confirmAddress(listenOn, context);
  async function serve({ connection }: Session): Promise<ExitCode> {
    const { time, random, randomId, signal } = context;
    const flags = pageFlags(context.flags, connection);
    const dashboard = createDashboard({
      request: connection.request,
      cluster: {
        context: connection.context,
        namespace,
        flags: commandFlags(namespace, flags),
      },
      server: () => connection.server,
      readInstallation: installationReader(namespace, { flags, time }),
      time,
      random,
    });
    const machine = dashboardMachine(context);
    const sessions = countSessions({
      isOn: () => isCertainlyOn(dashboard.view()) && machine().isOn,
      deliver: (event) => sendSession(event, { ...context, now: time.now }),
      randomId,
      random,
      time,
    });
    const serving = serveDashboard({
      dashboard,
      sessions,
      machine,
      time,
      randomId,
      listenOn,
      onFailure: (error) => context.stderr.write(`kusk: ${safeText(messageOf(error))}\n`),
      onListening: (listening, ending) =>
        void announce(listening, { context, connection, port: listenOn.port, ending }),
    });
    await serving(signal).catch((error: unknown) => {
      throw listenError(error, listenOn);
    });
    return 0;
  }

  // The page says that a login is missing. It is tried again, and the person may take minutes.
  return await withCluster(context, serve, { waitsForLogin: false });
};

interface AnnounceOptions {
  readonly context: CommandContext;
  readonly connection: Session['connection'];
  /** The port that was asked for. */
  readonly port: number;
  /** Aborts when the server ends. */
  readonly ending: AbortSignal;
}

/** Prints the address on stdout, and opens it in a browser. Never rejects. */
async function announce(
  listening: Listening,
  { context, connection, port, ending }: AnnounceOptions,
): Promise<void> {
  const { flags, stdout, stderr } = context;
  const { bound, addressWithToken } = listening;
  if (port !== 0 && port !== bound.port) {
    stderr.write(`Port ${port} is not free: the dashboard is at port ${bound.port}.\n`);
  }
  if (isWildcard(bound)) {
    stderr.write(`Every address of this machine (${bound.address}) leads to it.\n`);
  }
  stdout.write(`${addressWithToken}\n`);
  const name = connection.context === '' ? '' : `${safeText(connection.context)}, `;
  stderr.write(`The dashboard of ${name}${safeText(connection.server)}. Ctrl-C ends it.\n`);
  if (isFlagSet(flags, 'no-open')) return;
  const obstacle = browserObstacle(context);
  if (obstacle !== undefined) {
    stderr.write(`Open the address in a browser: none is opened, because ${obstacle}.\n`);
    return;
  }
  async function open(address: string): Promise<void> {
    await context.openBrowser(address);
    // The program that opens files of HTML may be an editor, and its success says nothing.
    stderr.write('If no page opens, open the address yourself.\n');
  }
  await openBrowser(listening, { ...context, open, signal: ending }).catch(() => {
    stderr.write('No browser could be opened: open the address yourself.\n');
  });
}
