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

/** Resolves with why the PATH has no Go that can build the module, or with `undefined` if it has one. */
export async function problemWithGo(
  module: Pick<PinnedModule, 'folder'>,
  { env }: { readonly env: NodeJS.ProcessEnv },
): Promise<'missing' | { readonly message: string } | undefined> {
  const options = { cwd: module.folder, env: goEnvironment(env) };
  return await run('go', ['env', 'GOVERSION'], options).then(
    () => undefined,
    (error: NodeJS.ErrnoException & { readonly stderr?: string }) =>
      error.code === 'ENOENT' ? 'missing' : { message: error.stderr?.trim() || error.message },
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
