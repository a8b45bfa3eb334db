/** Writes `docs/telemetry.md` from the catalogue. `--check` only says whether it is up to date. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../lab/support/root.ts';
import { telemetryPage } from './docs/telemetry.ts';

const path = join(ROOT, 'docs/telemetry.md');
const page = telemetryPage();

if (!process.argv.includes('--check')) await writeFile(path, page);
else if ((await readFile(path, 'utf8').catch(() => '')) !== page) {
  console.error('docs/telemetry.md is not what src/event.ts says: run npm run fix');
  process.exitCode = 1;
}
