import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from '../control-plane/cache.ts';
import { withLock } from './lock.mjs';

export interface InstallOnceOptions {
  /** The folder of the cache for things of this sort. */
  readonly group: string;
  /** Unique for what is installed: another content has another name. */
  readonly name: string;
  /** Installs into an empty folder. */
  readonly install: (folder: string) => Promise<void>;
}

/**
 * Installs something once, into a folder of the cache, and returns the folder.
 *
 * Processes that install at the same time share the work. A folder that was not completed is made again.
 */
export async function installOnce({ group, name, install }: InstallOnceOptions): Promise<string> {
  const root = join(cacheRoot({ env: process.env }), group);
  const folder = join(root, name);
  const complete = join(root, `${name}.complete`);
  if (existsSync(complete)) return folder;
  await mkdir(root, { recursive: true });
  await withLock(join(root, `${name}.lock`), {}, async () => {
    if (existsSync(complete)) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await install(folder);
    await writeFile(complete, '');
  });
  return folder;
}
