import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { ROOT } from '../../lab/support/root.ts';
import { notesOf } from './notes.ts';

/** The charts of a release. */
export const CHARTS = ['kusk-gateway', 'kusk-collector'];

/** Rejects with all reasons why this checkout is not that version, and with what to do. */
export async function assertReleasable(version: string): Promise<void> {
  const problems = [
    ...(await dirtyFiles()),
    ...(await wrongVersions(version)),
    ...(await missingNotes(version)),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

async function dirtyFiles(): Promise<readonly string[]> {
  const status = (await command('git', ['status', '--porcelain'], { cwd: ROOT })).trim();
  return status === '' ? [] : [`Commit these changes, or put them aside:\n${status}`];
}

async function wrongVersions(version: string): Promise<readonly string[]> {
  const manifest = JSON.parse(await read('package.json')) as { readonly version: string };
  if (manifest.version !== version) {
    return [
      `package.json has version ${manifest.version}: run npm version ${version} --no-git-tag-version, npm run fix, and commit.`,
    ];
  }
  const charts = await Promise.all(
    CHARTS.map(async (name) => ({ name, text: await read(`charts/${name}/Chart.yaml`) })),
  );
  return charts
    .filter(({ text }) => !text.includes(`\nversion: ${version}\n`))
    .map(({ name }) => `charts/${name}/Chart.yaml has another version: run npm run fix.`);
}

async function missingNotes(version: string): Promise<readonly string[]> {
  if (notesOf(await read('CHANGELOG.md'), version) !== undefined) return [];
  return [`CHANGELOG.md has no "## [${version}] - DATE": rename "## [Unreleased]", and commit.`];
}

async function read(path: string): Promise<string> {
  return await readFile(join(ROOT, path), 'utf8');
}
