import { chmod } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { ROOT } from '../../lab/support/root.ts';
import { lean } from './lean.ts';
import { packagesIn } from './packages.ts';

/** CommonJS packages call `require`, which a module has not; the first line is for the shell. */
const BANNER = [
  '#!/usr/bin/env node',
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
].join('\n');

/** What all bundles have in common: modules for the oldest Node that runs them. */
export const FOR_NODE = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 100,
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/**
 * An `import` of a module that Node lacks would end a program before its first line, which says that this Node is
 * too old.
 */
const lateSqlite: Plugin = {
  name: 'late SQLite',
  setup(builder) {
    builder.onResolve({ filter: /^node:sqlite$/ }, ({ path }) => ({ path, namespace: 'late' }));
    builder.onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: `export const { DatabaseSync } = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/**
 * Bundles each program, with all that it imports, into `<name>.mjs`. Returns the bundles' paths.
 *
 * Names are kept as they are, and lines short, so that a stack trace can be read without the source map
 * beside it; blanks and comments are left out, as Node keeps the text of a program in memory.
 */
export async function bundle(
  programs: readonly string[],
  { into }: { readonly into: string },
): Promise<readonly string[]> {
  await build({
    ...optionsOf(programs, into),
    sourcemap: 'linked',
    sourcesContent: false,
    banner: { js: BANNER },
  });
  const bundles = programs.map((file) => join(into, `${basename(file, '.ts')}.mjs`));
  for (const path of bundles) await chmod(path, 0o755);
  return bundles;
}

/** Returns the folders of the packages that a program's bundle holds, below the checkout. */
export async function packagesOf(program: string): Promise<readonly string[]> {
  const options = { ...optionsOf([program], 'dist'), absWorkingDir: ROOT, write: false } as const;
  const { metafile } = await build({ ...options, metafile: true });
  return packagesIn(metafile.inputs);
}

function optionsOf(programs: readonly string[], outdir: string) {
  return { ...FOR_NODE, entryPoints: [...programs], outdir, plugins: [lean, lateSqlite] };
}
