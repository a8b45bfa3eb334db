import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** `kusk dashboard` as a process of its own. */
export interface KuskDashboard {
  readonly pid: number;
  /** The address that it has printed, with the token. */
  readonly address: string;
  /** Reports a browser session as the script of the pages does, whether or not it was asked to. */
  readonly reportSession: () => Promise<void>;
  /** Requests a path with the cookie that the token was exchanged for. */
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  /** What it has written to stderr. */
  readonly notices: () => string;
  /** Sends a signal. Resolves to the exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

export interface KuskDashboardOptions {
  /** The file that Node runs. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
}

const SESSION = '5e'.repeat(32);

/** Starts `kusk dashboard --no-open`, and resolves once it has printed its address. */
export async function startDashboard({
  program,
  env,
  args = ['--port', '0'],
}: KuskDashboardOptions): Promise<KuskDashboard> {
  const words = [program, 'dashboard', '--no-open', ...args];
  const variables = Object.entries({ PATH: process.env.PATH, ...env });
  const child = spawn(process.execPath, words, {
    env: Object.fromEntries(variables.filter(([, value]) => value !== undefined)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written: string[] = [];
  child.stderr.on('data', (chunk) => written.push(String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const notices = () => written.join('');
  const printed = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).once('line', printed.resolve);
  void ended.then((code) => printed.reject(new Error(`exit code ${code}: ${notices()}`)));
  const address = await printed.promise;
  const exchanged = await fetch(address, { redirect: 'manual' });
  const [cookie = ''] = exchanged.headers.getSetCookie();
  const get: KuskDashboard['get'] = (path, headers = {}) =>
    fetch(new URL(path, address), { headers: { cookie: cookie.split(';')[0] ?? '', ...headers } });
  return {
    pid: child.pid ?? 0,
    address,
    notices,
    get,
    async reportSession() {
      const { status } = await get('/session', { 'x-kusk-session': SESSION });
      if (status !== 204) throw new Error(`/session: ${status}`);
    },
    async stop(signal = 'SIGINT') {
      child.kill(signal);
      return await ended;
    },
  };
}
