import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';
import { bundle } from '../build/bundle.ts';
import { buildPackage } from '../cli/package.ts';
import { CHARTS } from './assert-releasable.ts';
import { notesOf } from './notes.ts';
import { sbom } from './sbom.ts';

export interface BuildReleaseOptions {
  readonly version: string;
  /** A folder that exists and is empty. */
  readonly into: string;
}

/**
 * Builds everything but the images: the programs, the npm package of `kusk`, the charts, the list of
 * components, the notes, and the checksums of all. Resolves with the lines of the checksums.
 */
export async function buildRelease(options: BuildReleaseOptions): Promise<readonly string[]> {
  const { version, into } = options;
  await bundle(await filesIn(ROOT, 'src/bin/kusk-*.ts'), { into });
  await buildPackage({ into, writeKey: '' });
  await command('rm', ['-r', join(into, 'npm')]);
  for (const name of CHARTS) await packChart(name, options);
  await writeFile(join(into, `kusk-gateway-telemetry-${version}.cdx.json`), await sbom());
  const changelog = await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8');
  await writeFile(join(into, 'NOTES.md'), notesOf(changelog, version) ?? '');
  return await writeChecksums(into);
}

/** As `helm package` does, but its archive has the time of the commit, and the same order each time. */
async function packChart(name: string, { version, into }: BuildReleaseOptions): Promise<void> {
  const time = (await command('git', ['log', '-1', '--format=%ct'], { cwd: ROOT })).trim();
  const same = ['--sort=name', `--mtime=@${time}`, '--owner=0', '--group=0', '--numeric-owner'];
  const modes = ['--mode=u=rwX,go=rX', '--format=ustar'];
  const what = ['--exclude=ci', '--use-compress-program=gzip -n', '-cf'];
  const file = join(into, `${name}-${version}.tgz`);
  await command('tar', [...same, ...modes, ...what, file, name], { cwd: join(ROOT, 'charts') });
}

async function writeChecksums(into: string): Promise<readonly string[]> {
  const names = (await readdir(into)).sort((a, b) => (a < b ? -1 : 1));
  const lines = await Promise.all(
    names.map(async (name) => {
      const digest = createHash('sha256').update(await readFile(join(into, name)));
      return `${digest.digest('hex')}  ${name}`;
    }),
  );
  await writeFile(join(into, 'SHA256SUMS'), `${lines.join('\n')}\n`);
  return lines;
}
