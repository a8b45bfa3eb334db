import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../control-plane/cache.ts';
import { ensureGo } from '../control-plane/ensure-go.ts';
import { goBuild } from '../control-plane/go.ts';
import type { PinnedModule } from '../control-plane/pinned.ts';

const FOLDER = join(import.meta.dirname, 'go');

/** Builds the program of `lab/bench/go` in the cache folder, and returns its path. */
export async function buildClientGo(log: (line: string) => void): Promise<string> {
  const goMod = readFileSync(join(FOLDER, 'go.mod'), 'utf8');
  const module: PinnedModule = {
    folder: FOLDER,
    version: /client-go (v\S+)/.exec(goMod)?.[1] ?? '',
    goVersion: /^go (\S+)/m.exec(goMod)?.[1] ?? '',
    stamps: [],
    duration: 'about 3 minutes on two cores',
  };
  const options = { env: process.env };
  const into = cacheFolder(module, options);
  const env = await ensureGo(module, { ...options, log, wanted: ['client-go'] });
  await mkdir(into, { recursive: true });
  log(`building client-go ${module.version} into ${into} (${module.duration}, the first time)`);
  await goBuild(module, ['.'], into, { env, onLine: () => {} });
  return join(into, 'client-go');
}
