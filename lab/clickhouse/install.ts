import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../support/command.ts';
import { installOnce } from '../support/install-once.ts';

/** ClickHouse's engine as a library: half a gigabyte, so it is no dependency of the project. */
const CHDB = { chdb: '3.4.0' };

/** Installs the engine once, into a folder of the cache, and returns the folder. */
export async function installChdb(): Promise<string> {
  return await installOnce({
    group: 'clickhouse',
    name: `chdb-${CHDB.chdb}-${process.platform}-${process.arch}`,
    async install(folder) {
      const manifest = { private: true, dependencies: CHDB };
      await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
      await command('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
        cwd: folder,
      });
    },
  });
}
