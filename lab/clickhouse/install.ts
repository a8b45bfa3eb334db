import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from '../control-plane/cache.ts';
import { command } from '../support/command.ts';
import { withLock } from '../support/lock.mjs';

/** ClickHouse's engine as a library: half a gigabyte, so it is no dependency of the project. */
const CHDB = { chdb: '3.4.0' };

/** Installs the engine once, into a folder of the cache, and returns the folder. */
export async function installChdb(): Promise<string> {
  const root = join(cacheRoot({ env: process.env }), 'clickhouse');
  const name = `chdb-${CHDB.chdb}-${process.platform}-${process.arch}`;
  const folder = join(root, name);
  const complete = join(root, `${name}.complete`);
  if (existsSync(complete)) return folder;
  await mkdir(root, { recursive: true });
  await withLock(join(root, `${name}.lock`), {}, async () => {
    if (existsSync(complete)) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    const manifest = { private: true, dependencies: CHDB };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await command('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
    });
    await writeFile(complete, '');
  });
  return folder;
}
