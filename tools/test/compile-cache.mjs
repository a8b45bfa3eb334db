import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * Keeps what Node has compiled of the tests and of what they import, types stripped, for the next files and
 * runs. Only for this process: the programs that it starts run as they do elsewhere. Not for coverage, which
 * is less precise of code from a cache.
 *
 * @see https://nodejs.org/api/module.html#module-compile-cache
 */
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/kusk-tests'));
