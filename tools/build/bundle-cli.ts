import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { ROOT } from '../../lab/support/root.ts';
import { REGISTRY, withRegistry } from '../image/registry.ts';
import { FOR_NODE } from './bundle.ts';
import { lazyBuiltins } from './lazy-builtins.ts';
import { lean } from './lean.ts';
import { leanCommander } from './lean-commander.ts';
import { mergeChunks } from './merge-chunks.ts';
import { packagesIn } from './packages.ts';

const PROGRAM = join(ROOT, 'src/bin/kusk.ts');
/** The folder of the chunks, beside `kusk.mjs`. */
const CHUNKS = 'kusk';

/** What each lazily loaded file has loaded before it. */
const BASES = [
  { path: join(ROOT, 'src/bin/command-line.ts'), of: /./ },
  // A command that is counted, and all that shows or sends what was.
  {
    path: join(ROOT, 'src/cli/machine/count.ts'),
    of: /\/cli\/(install\/|commands\/(cluster|analytics|dashboard|send))/,
  },
  // All that looks at a cluster.
  {
    path: join(ROOT, 'src/cli/commands/cluster-install.ts'),
    of: /\/cli\/(install\/|commands\/cluster-)/,
  },
] as const;

/**
 * Makes each of our lazily loaded files import its bases, which are loaded by then.
 *
 * esbuild puts what the same set of lazy files shares into a chunk. With this, everything that a base
 * needs is shared by all of them, so it becomes one chunk instead of ten.
 */
function fewBases(lazy: ReadonlySet<string>): Plugin {
  return {
    name: 'few bases',
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const bases = BASES.filter((base) => base.path !== path && base.of.test(path));
        if (bases.length === 0 || !lazy.has(path)) return undefined;
        const own = await readFile(path, 'utf8');
        const imports = bases.map((base) => `import ${JSON.stringify(base.path)};`);
        return { contents: [own, ...imports, ''].join('\n'), loader: 'ts' };
      });
    },
  };
}

/** Returns what esbuild reads for `kusk`, and what each file imports. Paths begin at the checkout. */
async function inputsOfCli(): Promise<Metafile['inputs']> {
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: [PROGRAM],
    outdir: 'dist',
    absWorkingDir: ROOT,
    metafile: true,
  });
  return metafile.inputs;
}

/** Returns the absolute paths of the files that are imported by `import()`. */
async function lazyFiles(): Promise<ReadonlySet<string>> {
  const imports = Object.values(await inputsOfCli()).flatMap((input) => input.imports);
  const lazy = imports.filter(({ kind }) => kind === 'dynamic-import');
  return new Set(lazy.map(({ path }) => join(ROOT, path)));
}

/** Returns the folders of the packages that `kusk` holds, below the checkout: `node_modules/js-yaml`. */
export async function packagesOfCli(): Promise<readonly string[]> {
  return packagesIn(await inputsOfCli());
}

const OPTIONS = {
  ...FOR_NODE,
  chunkNames: `${CHUNKS}/[name]-[hash]`,
  splitting: true,
  write: false,
  plugins: [lean, leanCommander, lazyBuiltins],
} as const satisfies BuildOptions;

export interface BundleCliOptions {
  /** The folder of `kusk.mjs`. */
  readonly into: string;
  /** What `kusk` sends with if ANALYTICS_WRITE_KEY is not set. */
  readonly writeKey?: string;
  /** Where `cluster install` says that the image is, by default that of the checkout. */
  readonly registry?: string | undefined;
}

/**
 * Bundles `kusk` into `kusk.mjs`, and each part that it imports when needed into a chunk below `kusk/`.
 *
 * A command reads and compiles no more than it uses: docs/adr/0015. Returns all files, `kusk.mjs` first.
 */
export async function bundleCli({
  into,
  writeKey = '',
  registry = REGISTRY,
}: BundleCliOptions): Promise<readonly string[]> {
  const { outputFiles, metafile } = await build({
    ...OPTIONS,
    entryPoints: [PROGRAM],
    outdir: into,
    metafile: true,
    define: { 'globalThis.KUSK_CLI_WRITE_KEY': JSON.stringify(writeKey) },
    plugins: [...OPTIONS.plugins, fewBases(await lazyFiles()), imagesIn(registry)],
  });
  const entry = join(into, 'kusk.mjs');
  const chunks = mergeChunks(outputFiles, metafile);
  await rm(join(into, CHUNKS), { recursive: true, force: true });
  for (const { path, text } of chunks) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${path === entry ? '#!/usr/bin/env node\n' : ''}${text}`);
  }
  await chmod(entry, 0o755);
  const paths = chunks.map(({ path }) => path).sort((a, b) => a.localeCompare(b));
  return [entry, ...paths.filter((path) => path !== entry)];
}

/** Bundles `kusk` into one CommonJS file, as a single executable needs it, and returns its path. */
export async function bundleCliAsOne({
  into,
  writeKey = '',
  registry = REGISTRY,
}: BundleCliOptions): Promise<string> {
  const outfile = join(into, 'kusk.cjs');
  const { chunkNames: _, outExtension: __, ...options } = OPTIONS;
  await build({
    ...options,
    entryPoints: [PROGRAM],
    outfile,
    splitting: false,
    format: 'cjs',
    write: true,
    define: { 'globalThis.KUSK_CLI_WRITE_KEY': JSON.stringify(writeKey) },
    plugins: [...options.plugins, withoutTopLevelAwait, imagesIn(registry)],
  });
  return outfile;
}

/** Makes the objects that `kusk` installs name images of this registry. */
function imagesIn(registry: string): Plugin {
  return {
    name: 'images of a registry',
    setup(builder) {
      builder.onLoad({ filter: /-objects\.json$/ }, async ({ path }) => {
        return { contents: withRegistry(await readFile(path, 'utf8'), registry), loader: 'json' };
      });
    },
  };
}

/** CommonJS has no `await` at the top. `runProgram` handles its own errors, so nothing is lost. */
const withoutTopLevelAwait: Plugin = {
  name: 'without top-level await',
  setup(builder) {
    builder.onLoad({ filter: /\/src\/bin\/kusk\.ts$/ }, async ({ path }) => {
      const own = await readFile(path, 'utf8');
      return { contents: own.replace(/^await runProgram/m, 'void runProgram'), loader: 'ts' };
    });
  },
};
