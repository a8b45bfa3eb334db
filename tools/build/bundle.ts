import { chmod } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { lean } from './lean.ts';

/** CommonJS packages call `require`, which a module has not; the first line is for the shell. */
const BANNER = [
  '#!/usr/bin/env node',
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
].join('\n');

/**
 * Bundles each program, with all that it imports, into `<name>.mjs`, and gives the bundles' paths.
 *
 * Names are kept as they are, and lines short, so that a stack trace can be read without the source map
 * beside it; blanks and comments are left out, as Node keeps the text of a program in memory.
 */
export async function bundle(
  programs: readonly string[],
  { into }: { readonly into: string },
): Promise<readonly string[]> {
  await build({
    entryPoints: [...programs],
    outdir: into,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 100,
    plugins: [lean],
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    banner: { js: BANNER },
    logLevel: 'warning',
  });
  const bundles = programs.map((file) => join(into, `${basename(file, '.ts')}.mjs`));
  for (const path of bundles) await chmod(path, 0o755);
  return bundles;
}
