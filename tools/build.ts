/**
 * `npm run build`: bundles each program, `src/bin/kusk-*.ts`, into `dist/NAME.mjs`, and the command line
 * tool `src/bin/kusk.ts` into `dist/kusk.mjs` and the chunks below `dist/kusk/`.
 *
 * `npm run build -- --into FOLDER` writes the bundles there instead. `--write-key KEY` is what `kusk` sends
 * with if ANALYTICS_WRITE_KEY is not set. Without it, such a `kusk` sends nothing.
 */

import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { filesIn } from '../lab/support/files-in.ts';
import { ROOT } from '../lab/support/root.ts';
import { bundle } from './build/bundle.ts';
import { bundleCli } from './build/bundle-cli.ts';

const { values } = parseArgs({
  options: {
    into: { type: 'string', default: join(ROOT, 'dist') },
    'write-key': { type: 'string', default: '' },
  },
});
const programs = await filesIn(ROOT, 'src/bin/kusk-*.ts');
const into = resolve(values.into);
const bundles = await bundle(programs, { into });
const [kusk = ''] = await bundleCli({ into, writeKey: values['write-key'] });
console.log(`built ${[...bundles, kusk].map((path) => relative(ROOT, path)).join(', ')}`);
