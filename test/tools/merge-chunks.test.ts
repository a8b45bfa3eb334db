import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { build } from 'esbuild';
import { runToEnd } from '../../lab/support/run.ts';
import { type Chunk, mergeChunks } from '../../tools/build/merge-chunks.ts';

/** `shared` is needed by both, so esbuild puts it into a chunk. In that of `left` and `right`, two have one name. */
const SOURCES = {
  'main.js': `const { one } = await import('./shared.js'); await import('./other.js'); console.log(one());
    const [left, right] = [await import('./left.js'), await import('./right.js')]; console.log(left.name(), right.name());`,
  'left.js': `import './right.js'; export const name = () => 'left';`,
  'right.js': `import './left.js'; export const name = () => 'right';`,
  'shared.js': `import { existsSync } from 'node:fs'; export const one = () => existsSync('/');`,
  'other.js': `import { one } from './shared.js'; export const two = one() ? 2 : 3;`,
};

describe('chunks', () => {
  let folder: string;
  let before_: readonly Chunk[];
  let merged: readonly Chunk[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kusk-chunks-'));
    for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(folder, name), text);
    const { outputFiles, metafile } = await build({
      entryPoints: [join(folder, 'main.js')],
      outdir: join(folder, 'dist'),
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      minifyWhitespace: true,
      // Even the names of files are broken over lines.
      lineLimit: 10,
      metafile: true,
      write: false,
      logLevel: 'error',
    });
    before_ = outputFiles;
    merged = mergeChunks(outputFiles, metafile);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('that only export again what another has are left out', () => {
    const names = (chunks: readonly Chunk[]) =>
      chunks.map(({ path }) => basename(path).replace(/-.*/, '')).sort();
    const all = ['chunk', 'chunk', 'left', 'main.js', 'other', 'right', 'shared'];
    assert.deepEqual(names(before_), all);
    assert.equal(merged.length, all.length - 2);
  });

  it('export the same as before', async () => {
    for (const { path, text } of merged) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    const { out, problem } = await runToEnd(process.execPath, [join(folder, 'dist/main.js')], {});
    assert.equal(out, 'true\nleft right\n', problem);
  });

  it('import only files that are there', () => {
    const all = merged.map(({ text }) => text.replaceAll('\\\n', '')).join('\n');
    const imported = [...all.matchAll(/[\w-]+-[A-Z\d]{8}\.js/g)].map(([name]) => name);
    assert.ok(imported.length > 0);
    const names = merged.map(({ path }) => basename(path));
    assert.deepEqual(
      imported.filter((name) => !names.includes(name)),
      [],
    );
  });
});
