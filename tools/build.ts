/** `npm run build`: bundles each program of `src/bin/` into `dist/<name>.mjs`. */

import { glob } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundle } from './build/bundle.ts';
import { ROOT } from './root.ts';

const programs = await Array.fromAsync(glob(join(ROOT, 'src/bin/*.ts')));
if (programs.length > 0) {
  const bundles = await bundle(
    programs.toSorted((a, b) => a.localeCompare(b)),
    { into: join(ROOT, 'dist') },
  );
  console.log(`built ${bundles.map((path) => relative(ROOT, path)).join(', ')}`);
}
