import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { ROOT } from '../../lab/support/root.ts';
import { lean } from './lean.ts';

/** The folder of the chunks, beside `kusk.mjs`. */
const CHUNKS = 'kusk';

/** CommonJS packages call `require`, which a module has not. Only their chunks pay for it. */
const REQUIRE = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  '',
].join('\n');

/**
 * What commander imports of Node and never uses here: for subcommands that are programs of their own,
 * and for help with colours. To load it took a fifth of the start.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  'node:child_process': 'export default undefined;',
  'node:fs': 'export default undefined;',
  'node:path': 'export default undefined;',
  'node:process': 'export default globalThis.process;',
  'node:util': 'export const stripVTControlCharacters = (text) => text;',
};

const leanCommander: Plugin = {
  name: 'lean commander',
  setup(builder) {
    builder.onResolve({ filter: /^node:/ }, ({ path, importer }) =>
      /\/node_modules\/commander\//.test(importer) && path in STAND_INS
        ? { path, namespace: 'stand-in' }
        : undefined,
    );
    builder.onLoad({ filter: /./, namespace: 'stand-in' }, ({ path }) => ({
      contents: STAND_INS[path] ?? '',
    }));
  },
};

/**
 * Makes each of our lazily loaded files import `base`, which is loaded by then.
 *
 * esbuild puts what the same set of lazy files shares into a chunk. With this, everything that `base`
 * needs is shared by all of them, so it becomes one chunk instead of ten.
 */
function oneBase(base: string, { lazy }: { readonly lazy: ReadonlySet<string> }): Plugin {
  return {
    name: 'one base',
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path === base || !lazy.has(path)) return undefined;
        const own = await readFile(path, 'utf8');
        return {
          contents: `${own}\nexport * as base from ${JSON.stringify(base)};\n`,
          loader: 'ts',
        };
      });
    },
  };
}

/** Returns the absolute paths of the files that are imported by `import()`. */
async function lazyFiles(program: string): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: [program],
    outdir: 'dist',
    absWorkingDir: ROOT,
    metafile: true,
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const lazy = imports.filter(({ kind }) => kind === 'dynamic-import');
  return new Set(lazy.map(({ path }) => join(ROOT, path)));
}

const OPTIONS = {
  outExtension: { '.js': '.mjs' },
  chunkNames: `${CHUNKS}/[name]-[hash]`,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 100,
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
  plugins: [lean, leanCommander],
} as const satisfies BuildOptions;

export interface BundleCliOptions {
  /** The folder of `kusk.mjs`. */
  readonly into: string;
  /** What `kusk` sends with if ANALYTICS_WRITE_KEY is not set. */
  readonly writeKey?: string;
}

/**
 * Bundles `kusk` into `kusk.mjs`, and each part that it imports when needed into a chunk below `kusk/`.
 *
 * A command reads and compiles no more than it uses: docs/adr/0015. Returns all files, `kusk.mjs` first.
 */
export async function bundleCli({
  into,
  writeKey = '',
}: BundleCliOptions): Promise<readonly string[]> {
  const program = join(ROOT, 'src/bin/kusk.ts');
  const base = oneBase(join(ROOT, 'src/bin/command-line.ts'), { lazy: await lazyFiles(program) });
  const { outputFiles } = await build({
    ...OPTIONS,
    entryPoints: [program],
    outdir: into,
    define: { 'globalThis.KUSK_CLI_WRITE_KEY': JSON.stringify(writeKey) },
    plugins: [...OPTIONS.plugins, base],
  });
  const entry = join(into, 'kusk.mjs');
  await rm(join(into, CHUNKS), { recursive: true, force: true });
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${path === entry ? '#!/usr/bin/env node\n' : ''}${withRequire(text)}`);
  }
  await chmod(entry, 0o755);
  const paths = outputFiles.map(({ path }) => path).sort((a, b) => a.localeCompare(b));
  return [entry, ...paths.filter((path) => path !== entry)];
}

function withRequire(code: string): string {
  return /\brequire\b/.test(code) ? `${REQUIRE}${code}` : code;
}
