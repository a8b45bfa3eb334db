import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { ROOT } from '../../lab/support/root.ts';
import { bundleCli, packagesOfCli } from '../build/bundle-cli.ts';
import { licenseTexts } from './licenses.ts';

export interface PackageOptions {
  readonly into: string;
  /** What `kusk` sends with if ANALYTICS_WRITE_KEY is not set. */
  readonly writeKey: string;
  /** Where `cluster install` says that the image is, by default that of the checkout. */
  readonly registry?: string | undefined;
  /** Where the source is, as a URL. npm compares it with the provenance of the package. */
  readonly source?: string | undefined;
}

const README = `# kusk

Installs Kusk Gateway's telemetry operator, and shows and switches telemetry.

    npm install --global kusk
    kusk cluster install
    kusk analytics status
    kusk dashboard

Needs Node 22.19 or later. \`kusk --help\` lists the commands.
`;

/**
 * Builds the npm package in `into/npm`, packs it, and returns the path of the archive.
 *
 * It holds the command line tool with all that it imports, has no dependencies, and runs nothing when it
 * is installed.
 */
export async function buildPackage({
  into,
  writeKey,
  registry,
  source = '',
}: PackageOptions): Promise<string> {
  const folder = join(into, 'npm');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await bundleCli({ into: folder, writeKey, registry });
  const manifest = await packageManifest(source);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await writeFile(join(folder, 'README.md'), README);
  await writeFile(
    join(folder, 'THIRD-PARTY-LICENSES.txt'),
    await licenseTexts(await packagesOfCli()),
  );
  await copyFile(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  const args = ['pack', '--silent', '--pack-destination', into];
  const packed = await command('npm', args, { cwd: folder });
  return join(into, packed.trim().split('\n').at(-1) ?? '');
}

async function packageManifest(source: string): Promise<object> {
  const text = await readFile(join(ROOT, 'package.json'), 'utf8');
  const { version, license, engines } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  return {
    name: 'kusk',
    version,
    description: "Installs Kusk Gateway's telemetry operator, and shows and switches telemetry",
    license,
    ...(source !== '' && { repository: { type: 'git', url: `git+${source}.git` } }),
    type: 'module',
    engines,
    bin: { kusk: 'kusk.mjs' },
    files: ['kusk.mjs', 'kusk', 'THIRD-PARTY-LICENSES.txt'],
  };
}
