/**
 * `npm run cli`: builds the npm package of `kusk` in `dist/npm/` and packs it into `dist/kusk-VERSION.tgz`.
 *
 * `-- --executable` also builds one file for this Linux that needs no Node, `dist/kusk-linux-ARCH`.
 * `--into FOLDER` writes there instead. `--write-key KEY` is what `kusk` sends with if
 * ANALYTICS_WRITE_KEY is not set. Without it, such a `kusk` sends nothing.
 */

import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../lab/support/root.ts';
import { buildExecutable } from './cli/executable.ts';
import { buildPackage } from './cli/package.ts';

const { values } = parseArgs({
  options: {
    into: { type: 'string', default: join(ROOT, 'dist') },
    'write-key': { type: 'string', default: '' },
    executable: { type: 'boolean', default: false },
  },
});
const options = { into: resolve(values.into), writeKey: values['write-key'] };
const built = [await buildPackage(options)];
if (values.executable) built.push(await buildExecutable(options));
console.log(`built ${built.map((path) => relative(ROOT, path)).join(', ')}`);
