/**
 * Makes the chart's schema, README and CRDs from values.yaml and deploy/crds, and from the chart deploy/
 * and the objects that `kusk cluster install` applies. `--check` only says what is not up to date.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensure } from '../lab/control-plane/ensure.ts';
import { ROOT } from '../lab/support/root.ts';
import { type Artefacts, chartArtefacts, deployArtefacts } from './chart/artefacts.ts';
import { installArtefacts } from './chart/install-objects.ts';
import { UNAVAILABLE } from './chart/unavailable.ts';

const isCheck = process.argv.includes('--check');

/** Writes what differs, or complains of it. */
async function put(artefacts: Artefacts): Promise<void> {
  for (const [path, text] of artefacts) {
    const file = join(ROOT, path);
    if ((await readFile(file, 'utf8').catch(() => '')) === text) continue;
    if (!isCheck) await writeFile(file, text);
    else complain(`${path} is not up to date: run npm run fix`);
  }
}

function complain(problem: string): void {
  console.error(problem);
  process.exitCode = 1;
}

await put(await chartArtefacts());
const found = await ensure(['helm'], { env: process.env, log: console.log }).catch(
  (error: Error) => error,
);
if (found instanceof Error) {
  console.error(found.message);
  process.exitCode ??= isCheck ? UNAVAILABLE : 1;
} else {
  await put(await deployArtefacts(found));
  await put(await installArtefacts(found));
}
