import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import type { BaseOptions } from './base.ts';

/** Certificates that a machine behind a proxy trusts: where npm is told of them in the build. */
const TRUSTED = '/etc/ssl/certs/trusted.crt';

/**
 * Arguments for a build in which npm finds packages as it does here: the same registry, the same
 * certificates, and a cache that outlives the build. No credentials are taken along.
 */
export async function npmSettings({
  folder,
  env,
  signal,
}: BaseOptions): Promise<readonly string[]> {
  const setting = async (name: string) => {
    const value = (await command('npm', ['config', 'get', name], { env, signal })).trim();
    return value === 'null' || value === 'undefined' ? '' : value;
  };
  const registry = await setting('registry');
  const trusted = (await setting('cafile')) || env?.NODE_EXTRA_CA_CERTS;
  const cache = join(folder, 'npm');
  await mkdir(cache, { recursive: true });
  const npmrc = join(folder, 'npmrc');
  const lines = [`registry=${registry}`, ...(trusted ? [`cafile=${TRUSTED}`] : [])];
  await writeFile(npmrc, `${lines.join('\n')}\n`);
  return [
    ...['--volume', `${cache}:/root/.npm`],
    ...['--volume', `${npmrc}:/usr/local/etc/npmrc:ro`],
    ...(trusted ? ['--volume', `${trusted}:${TRUSTED}:ro`] : []),
  ];
}
