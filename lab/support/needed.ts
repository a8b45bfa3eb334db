import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { command } from './command.ts';

/** Programs of the system, by name or by absolute path, each with Debian's package that has it. */
export type Needed = Readonly<Record<string, string>>;

/** Where programs for administrators are; not everybody has them on the PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

export interface NeededOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Installs what is missing of Debian's packages, if we are root and the system is a Debian.
 *
 * Rejects with what is missing and how to get it, if it can't be installed from here.
 */
export async function ensureNeeded(needed: Needed, options: NeededOptions): Promise<void> {
  const missing = await missingOf(needed, options);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => needed[name] ?? name))];
  if (process.getuid?.() !== 0 || !(await isThere('apt-get', options))) {
    throw new Error(
      `${missing.join(', ')} is missing. Install it: apt-get install ${packages.join(' ')}`,
    );
  }
  options.log(`installing ${packages.join(', ')} for ${missing.join(', ')}`);
  await install(packages, options);
  const left = await missingOf(needed, options);
  if (left.length > 0) throw new Error(`${left.join(', ')} is missing, though it was installed.`);
}

/** The programs that are not there. */
export async function missingOf(
  needed: Needed,
  { env }: Pick<NeededOptions, 'env'>,
): Promise<readonly string[]> {
  const names = Object.keys(needed);
  const there = await Promise.all(names.map((name) => isThere(name, { env })));
  return names.filter((_, index) => !there[index]);
}

async function isThere(name: string, { env }: Pick<NeededOptions, 'env'>): Promise<boolean> {
  const folders = [...(env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  const files = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
  const found = await Promise.allSettled(files.map((file) => access(file, constants.X_OK)));
  return found.some(({ status }) => status === 'fulfilled');
}

async function install(packages: readonly string[], { env, signal }: NeededOptions) {
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, signal };
  const patience = ['-o', 'DPkg::Lock::Timeout=300'];
  await command('apt-get', ['update', '--quiet', ...patience], options);
  const args = ['--yes', '--quiet', '--no-install-recommends', ...patience, ...packages];
  await command('apt-get', ['install', ...args], options);
}
