/** Writes the generated pages in `docs/`. With `--check` it only reports the pages that are outdated. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../lab/support/root.ts';
import { outdated, pages } from './docs/pages.ts';

const read = (path: string) => readFile(join(ROOT, path), 'utf8').catch(() => '');

for (const { path, text } of await outdated(pages(), read)) {
  if (!process.argv.includes('--check')) await writeFile(join(ROOT, path), text);
  else {
    console.error(`${path} is outdated: run npm run fix`);
    process.exitCode = 1;
  }
}
