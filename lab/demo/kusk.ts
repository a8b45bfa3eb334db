import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { type KuskDashboard, startDashboard } from '../support/kusk-dashboard.ts';
import { ROOT } from '../support/root.ts';
import { runToEnd } from '../support/run.ts';
import { say } from './say.ts';

/** `kusk` on a machine that never had it, with a home folder of its own. */
export interface Kusk {
  /** Runs a command, shows what it prints to stderr, and resolves with what it prints to stdout. */
  readonly run: (...args: readonly string[]) => Promise<string>;
  /** Runs a command at a pseudo-terminal, and shows what it prints to stderr. */
  readonly runAtTerminal: (...args: readonly string[]) => Promise<void>;
  /** Runs `kusk dashboard`, loads its first page as a browser does, and ends it. */
  readonly lookAtDashboard: (namespace: string) => Promise<void>;
}

export interface KuskOptions {
  /** An own folder, which is created. */
  readonly home: string;
  readonly kubeconfig: string;
  readonly endpoint: string;
  readonly writeKey: string;
}

async function pageSays({ get }: KuskDashboard, text: RegExp): Promise<void> {
  const page = await (await get('/')).text();
  if (!text.test(page)) throw new Error(`the page does not say ${text}`);
}

const PROGRAM = join(ROOT, 'dist/kusk.mjs');

export async function newMachine(options: KuskOptions): Promise<Kusk> {
  const { home, kubeconfig, endpoint, writeKey } = options;
  await mkdir(home);
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    KUBECONFIG: kubeconfig,
    ANALYTICS_ENDPOINT: endpoint,
    ANALYTICS_WRITE_KEY: writeKey,
  };

  async function runProgram(file: string, args: readonly string[]): Promise<string> {
    const { code, out, problem } = await runToEnd(file, args, { env });
    if (code !== 0) throw new Error(`kusk exits with ${code}: ${problem}`);
    if (problem !== '') say('kusk', problem);
    return out;
  }

  return {
    run: (...args) => {
      say('$', `kusk ${args.join(' ')}`);
      return runProgram(process.execPath, [PROGRAM, ...args]);
    },
    async runAtTerminal(...args) {
      say('$', `kusk ${args.join(' ')}`);
      const words = [process.execPath, PROGRAM, ...args].map((word) => `'${word}'`).join(' ');
      const line = `${words} > /dev/null`;
      const played =
        process.platform === 'darwin'
          ? ['-q', '/dev/null', 'sh', '-c', line]
          : ['-qec', line, '/dev/null'];
      say('kusk', (await runProgram('script', played)).replaceAll('\r', ''));
    },
    async lookAtDashboard(namespace) {
      const args = ['--port', '0', '--namespace', namespace];
      say('$', `kusk dashboard --no-open ${args.join(' ')}`);
      const dashboard = await startDashboard({ program: PROGRAM, env, args });
      say('kusk', `${dashboard.address.replace(/=.*/, '=…')}\n${dashboard.notices()}`);
      await eventually(() => pageSays(dashboard, /<h1[^>]*>Telemetry is on</));
      await dashboard.reportSession();
      await eventually(() => pageSays(dashboard, /id="sessions".*?class="pill good">sent</s));
      say('browser', 'Telemetry is on; this session was counted');
      await dashboard.stop();
    },
  };
}
