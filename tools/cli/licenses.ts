import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';

const FILES = '{LICENSE,LICENCE,license,COPYING,NOTICE}*';

/**
 * Returns the licenses of packages that a bundle holds, each with the package's name and version.
 *
 * `packages` are their folders below the checkout: `node_modules/js-yaml`.
 */
export async function licenseTexts(packages: readonly string[]): Promise<string> {
  return (await Promise.all(packages.map(licenseOf))).join(`\n${'-'.repeat(80)}\n\n`);
}

async function licenseOf(folder: string): Promise<string> {
  const manifest = await readFile(join(ROOT, folder, 'package.json'), 'utf8');
  const { name, version, license } = JSON.parse(manifest) as Readonly<Record<string, unknown>>;
  const files = await filesIn(join(ROOT, folder), FILES);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return [`${name} ${version} (${license})`, '', ...texts.map((text) => text.trim()), ''].join(
    '\n',
  );
}
