import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { command } from '../../lab/support/command.ts';
import { assertReleasable } from '../../tools/release/assert-releasable.ts';
import { CHART_NAMES } from '../../tools/release/charts.ts';

/** A checkout of version 0.2.0 that could be released. */
async function setup(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'kusk-checkout-'));
  t.after(() => rm(root, { recursive: true }));
  const write = (path: string, text: string) => writeFile(join(root, path), text);
  const git = (...args: readonly string[]) => command('git', args, { cwd: root });
  await write('package.json', '{"version": "0.2.0"}');
  await write('CHANGELOG.md', '# Changelog\n\n## [0.2.0] - 2026-12-01\n\n- This.\n');
  for (const name of CHART_NAMES) {
    await mkdir(join(root, 'charts', name), { recursive: true });
    await write(`charts/${name}/Chart.yaml`, `name: ${name}\nversion: 0.2.0\n`);
  }
  await git('init', '--quiet');
  async function commit() {
    await git('add', '.');
    const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
    await git(...author, 'commit', '--quiet', '--message', 'change');
  }
  await commit();
  return {
    root,
    write,
    commit,
    release: (version = '0.2.0') => assertReleasable(version, { root }),
  };
}

describe('a checkout', () => {
  it('can be released if all is committed and has the version', async (t) => {
    const { release } = await setup(t);
    await release();
  });

  it('is refused with changes that are not committed, and names them', async (t) => {
    const { root, release, write } = await setup(t);
    await appendFile(join(root, 'CHANGELOG.md'), '\n');
    await write('new', '');
    const message = /^Commit these changes, or put them aside:\nM CHANGELOG\.md\n\?\? new$/;
    await assert.rejects(release(), { message });
  });

  it('is refused without a dated heading of the version in the changelog', async (t) => {
    const { release, write, commit } = await setup(t);
    await write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n\n- This.\n');
    await commit();
    await assert.rejects(release(), { message: /^CHANGELOG\.md has no "## \[0\.2\.0\] - DATE"/ });
  });

  it('is refused if package.json or a chart has another version', async (t) => {
    const { release, write, commit } = await setup(t);
    await assert.rejects(release('0.3.0'), { message: /^package\.json has version 0\.2\.0: / });
    await write('charts/kusk-collector/Chart.yaml', 'name: kusk-collector\nversion: 0.1.0\n');
    await commit();
    const message = 'charts/kusk-collector/Chart.yaml has another version: run npm run fix.';
    await assert.rejects(release(), { message });
  });
});
