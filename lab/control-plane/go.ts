import { execFile, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { PinnedModule } from './pinned.ts';

const run = promisify(execFile);

export interface GoOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Called with each package that was compiled, and with each module that is downloaded. */
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Rejects with what to do, if there is no Go or one that is too old for the module. */
export async function checkGo(
  module: PinnedModule,
  { env, wanted }: { readonly env: NodeJS.ProcessEnv; readonly wanted: readonly string[] },
): Promise<void> {
  const options = { cwd: module.folder, env: goEnvironment(env) };
  const problem = await run('go', ['env', 'GOVERSION'], options).then(
    () => undefined,
    (error: NodeJS.ErrnoException & { readonly stderr?: string }) =>
      error.code === 'ENOENT' ? 'there is none on the PATH' : error.stderr?.trim() || error.message,
  );
  if (problem === undefined) return;
  throw new Error(
    `Go ${module.goVersion} or later is needed to build ${wanted.join(', ')} (once): ${problem}.\n` +
      'Install it (https://go.dev/doc/install), or set KUBEBUILDER_ASSETS to a folder that holds ' +
      `${wanted.join(', ')} of version ${module.version}.`,
  );
}

/** Builds packages of the module into a folder. Rejects with the last lines that Go wrote. */
export async function goBuild(
  module: PinnedModule,
  packages: readonly string[],
  into: string,
  { env, onLine, signal }: GoOptions,
): Promise<void> {
  const ldflags = ['-s', '-w', ...module.stamps.map((stamp) => `-X ${stamp}`)].join(' ');
  const args = ['build', '-v', '-mod=readonly', '-trimpath', '-buildvcs=false'];
  const child = spawn('go', [...args, '-ldflags', ldflags, '-o', `${into}/`, ...packages], {
    cwd: module.folder,
    env: goEnvironment(env),
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    onLine(line);
  });
  const code = await exit;
  if (code !== 0) throw new Error(`go build failed (${code}):\n${lines.slice(-15).join('\n')}`);
}

/** Whatever the user's settings are: for this machine, without C, and never touching go.mod or go.sum. */
function goEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GOOS: _os, GOARCH: _arch, ...rest } = env;
  const HOME = env.HOME || homedir();
  return { ...rest, HOME, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' };
}
