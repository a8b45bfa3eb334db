import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { CHART_NAMES } from './charts.ts';
import { notesOf } from './notes.ts';

export interface Checkout {
  /** The folder of package.json. */
  readonly root: string;
}

/** Rejects with all reasons why a checkout is not that version, and with what to do. */
export async function assertReleasable(version: string, checkout: Checkout): Promise<void> {
  const problems = [
    ...(await dirtyFiles(checkout)),
    ...(await wrongVersions(version, checkout)),
    ...(await missingNotes(version, checkout)),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

async function dirtyFiles({ root }: Checkout): Promise<readonly string[]> {
  const status = (await command('git', ['status', '--porcelain'], { cwd: root })).trim();
  return status === '' ? [] : [`Commit these changes, or put them aside:\n${status}`];
}

async function wrongVersions(version: string, { root }: Checkout): Promise<readonly string[]> {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  const manifest = JSON.parse(text) as { readonly version: string };
  if (manifest.version !== version) {
    return [
      `package.json has version ${manifest.version}: run npm version ${version} --no-git-tag-version, npm run fix, and commit.`,
    ];
  }
  const charts = await Promise.all(
    CHART_NAMES.map(async (name) => {
      const path = `charts/${name}/Chart.yaml`;
      return { path, yaml: await readFile(join(root, path), 'utf8') };
    }),
  );
  return charts
    .filter(({ yaml }) => !yaml.includes(`\nversion: ${version}\n`))
    .map(({ path }) => `${path} has another version: run npm run fix.`);
}

async function missingNotes(version: string, { root }: Checkout): Promise<readonly string[]> {
  if (notesOf(await readFile(join(root, 'CHANGELOG.md'), 'utf8'), version) !== undefined) return [];
  return [`CHANGELOG.md has no "## [${version}] - DATE": rename "## [Unreleased]", and commit.`];
}
