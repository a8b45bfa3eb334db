/**
 * `npm run release -- VERSION --dry-run`: builds what a release holds into `dist/release/`, the same bytes
 * each time. Without `--dry-run` it says how the release is made: by a tag, in a workflow.
 *
 * The images are not here: `.github/workflows/release.yml` builds and signs them.
 */

import { mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../lab/support/root.ts';
import { assertReleasable } from './release/assert-releasable.ts';
import { buildRelease } from './release/build.ts';

const USAGE = 'Usage: npm run release -- VERSION --dry-run [--into FOLDER]';

async function release(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      'dry-run': { type: 'boolean', default: false },
      into: { type: 'string', default: join(ROOT, 'dist/release') },
    },
    allowPositionals: true,
  });
  const [version, ...more] = positionals;
  if (version === undefined || more.length > 0) throw new Error(USAGE);
  await assertReleasable(version);
  if (!values['dry-run']) {
    throw new Error(
      `A release is made by its tag: git tag v${version} && git push origin v${version}\n` +
        'With --dry-run, what it holds is built here.',
    );
  }
  await rm(values.into, { recursive: true, force: true });
  await mkdir(values.into, { recursive: true });
  const lines = await buildRelease({ version, into: values.into });
  for (const line of lines) console.log(line);
  console.log(`built ${relative(ROOT, values.into) || '.'}`);
}

try {
  await release();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
