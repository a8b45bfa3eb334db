/** `npm run build`: bundles each program of `src/bin/` into `dist/<name>.mjs`. */

import { join, relative } from 'node:path';
import { bundle } from './build/bundle.ts';
import { filesIn } from './files-in.ts';
import { ROOT } from './root.ts';

const programs = await filesIn(ROOT, 'src/bin/*.ts');
if (programs.length > 0) {
  const bundles = await bundle(programs, { into: join(ROOT, 'dist') });
  console.log(`built ${bundles.map((path) => relative(ROOT, path)).join(', ')}`);
}
