import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import type { PinnedModule } from './pinned.ts';

/**
 * The folder that holds what was built of a module, outside the checkout.
 *
 * Its name has module, version, system and processor, and a digest of go.mod, go.sum and the
 * stamps, so that a change of any of them builds afresh and the old stays for other checkouts.
 */
export function cacheFolder(
  module: PinnedModule,
  { env }: { readonly env: NodeJS.ProcessEnv },
): string {
  const { version, folder } = module;
  const key = [basename(folder), version, process.platform, process.arch, digest(module)].join('-');
  return join(cacheRoot({ env }), 'control-plane', key);
}

/**
 * The folder below which all is kept that is made once, outside the checkout.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/ (a relative path is ignored)
 */
export function cacheRoot({ env }: { readonly env: NodeJS.ProcessEnv }): string {
  const xdg = env.XDG_CACHE_HOME ?? '';
  const root = isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), '.cache');
  return join(root, 'kusk-gateway');
}

function digest({ folder, stamps }: PinnedModule): string {
  const hash = createHash('sha256').update(stamps.join('\n'));
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 8);
}
