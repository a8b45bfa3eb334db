import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Keeps sources with their types stripped for the next files and runs: stripping them takes each file a
 * tenth of a second and more. Unlike Node's compile cache it keeps no compiled code, so that coverage is
 * precise: what is stripped is replaced by blanks, and each character keeps its place.
 *
 * @see https://nodejs.org/api/module.html#modulestriptypescripttypescode-options
 */
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/kusk-stripped', process.version);
mkdirSync(CACHE, { recursive: true });

function stripped(url) {
  const text = readFileSync(fileURLToPath(url), 'utf8');
  const file = join(CACHE, hash('sha256', url + text));
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // As Node itself does it, so that coverage is the same too.
    const source = stripTypeScriptTypes(text, { sourceUrl: url });
    // Another process may strip the same file at the same time.
    const own = `${file}.${process.pid}`;
    writeFileSync(own, source);
    renameSync(own, file);
    return source;
  }
}

registerHooks({
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
    return { format: 'module', source: stripped(url), shortCircuit: true };
  },
});
