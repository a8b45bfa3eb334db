import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../support/lock.mjs';
import { cacheFolder } from './cache.ts';
import { ensureGo } from './ensure-go.ts';
import { exists } from './files.ts';
import { goBuild } from './go.ts';
import type { PinnedModule } from './pinned.ts';
import { PROGRAMS, type ProgramName } from './programs.ts';
import { startProgress } from './progress.ts';

const SCRATCH = 'building-';

export interface BuildOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds programs of one module into its cache folder, those that are not there yet.
 *
 * Of two processes that build at the same time, the second waits for the first. A program is renamed into
 * place, so that one that is found is complete.
 */
export async function build(
  module: PinnedModule,
  names: readonly ProgramName[],
  options: BuildOptions,
): Promise<void> {
  const folder = cacheFolder(module, options);
  if ((await missing(folder, names)).length === 0) return;
  await mkdir(folder, { recursive: true }).catch((cause: Error) => {
    const advice = 'Set XDG_CACHE_HOME to a folder that can be written.';
    throw new Error(`${folder} cannot be made. ${advice}`, { cause });
  });
  const onWait = (owner?: number) =>
    options.log(`waiting for process ${owner}, which builds ${names.join(', ')}`);
  await withLock(join(folder, 'lock'), { onWait }, async () => {
    const wanted = await missing(folder, names);
    if (wanted.length > 0) await buildInto(folder, module, wanted, options);
  });
}

async function buildInto(
  folder: string,
  module: PinnedModule,
  names: readonly ProgramName[],
  { env, log, signal }: BuildOptions,
): Promise<void> {
  const folderWithThem = `a folder that holds ${names.join(', ')} of version ${module.version}`;
  const instead = `set KUBEBUILDER_ASSETS to ${folderWithThem}`;
  const withGo = await ensureGo(module, { env, log, signal, wanted: names, instead });
  const what = names.map((name) => `${name} ${module.version}`).join(', ');
  log(`building ${what}, once, into ${folder} (${module.duration})`);
  await removeAbandoned(folder);
  const scratch = await mkdtemp(join(folder, SCRATCH));
  const progress = startProgress({ log, what: names.join(', ') });
  try {
    const packages = names.map((name) => PROGRAMS[name].package);
    await goBuild(module, packages, scratch, { env: withGo, signal, onLine: progress.step });
    for (const name of names) {
      await rename(join(scratch, PROGRAMS[name].builtAs), join(folder, name));
    }
  } finally {
    progress.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What a build that was killed has left. Called under the lock, so none is at work. */
async function removeAbandoned(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(SCRATCH));
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
}

async function missing(folder: string, names: readonly ProgramName[]): Promise<ProgramName[]> {
  const there = await Promise.all(names.map((name) => exists(join(folder, name))));
  return names.filter((_, index) => !there[index]);
}
