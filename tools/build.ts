/**
 * `npm run build`: bundles each program, `src/bin/kusk-*.ts`, into `dist/NAME.mjs`.
 *
 * `npm run build -- --into FOLDER` writes the bundles there instead.
 */

import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { filesIn } from '../lab/support/files-in.ts';
import { ROOT } from '../lab/support/root.ts';
import { bundle } from './build/bundle.ts';

const { values } = parseArgs({
  options: { into: { type: 'string', default: join(ROOT, 'dist') } },
});
const programs = await filesIn(ROOT, 'src/bin/kusk-*.ts');
const bundles = await bundle(programs, { into: resolve(values.into) });
console.log(`built ${bundles.map((path) => relative(ROOT, path)).join(', ')}`);
