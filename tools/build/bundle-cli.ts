import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { lean } from './lean.ts';

/** The folder of the chunks, beside `kusk.mjs`. */
const CHUNKS = 'kusk';

/** CommonJS packages call `require`, which a module has not. Only their chunks pay for it. */
const REQUIRE = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  '',
].join('\n');

/** commander imports it for subcommands that are programs of their own. We have none. */
const withoutChildProcess: Plugin = {
  name: 'commander without node:child_process',
  setup(builder) {
    builder.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /\/node_modules\/commander\//.test(importer)
        ? { path: 'child-process', namespace: 'nothing' }
        : undefined,
    );
    builder.onLoad({ filter: /./, namespace: 'nothing' }, () => ({
      contents: 'export default undefined;',
    }));
  },
};

/**
 * Bundles `kusk` into `kusk.mjs`, and each part that it imports when needed into a chunk below `kusk/`.
 *
 * A command reads and compiles no more than it uses: docs/adr/0015. Returns all files, `kusk.mjs` first.
 */
export async function bundleCli(
  program: string,
  { into, writeKey = '' }: { readonly into: string; readonly writeKey?: string },
): Promise<readonly string[]> {
  const { outputFiles } = await build({
    entryPoints: [program],
    outdir: into,
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
    plugins: [lean, withoutChildProcess],
    legalComments: 'none',
    define: { 'globalThis.KUSK_CLI_WRITE_KEY': JSON.stringify(writeKey) },
    logLevel: 'warning',
    write: false,
  });
  const entry = join(into, `${basename(program, '.ts')}.mjs`);
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
