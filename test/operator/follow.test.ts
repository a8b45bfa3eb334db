import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { FileText } from '../../src/operator/config-file.ts';
import { followFile, readText } from '../../src/operator/follow.ts';

const ON = 'analytics: {enabled: true}\n';
const OFF = 'analytics: {enabled: false}\n';

/** A folder that goes with the test. */
function setup(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-follow-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return { folder, path: join(folder, 'kusk.yaml') };
}

/**
 * What follows from what happens to a file between one look and the next. The looks end with the
 * happenings.
 */
async function followed(path: string, happenings: readonly (() => void)[]) {
  const stop = new AbortController();
  const waits: number[] = [];
  const time = {
    now: () => 0,
    steady: () => 0,
    deadline: () => new AbortController().signal,
    wait: async (ms: number) => {
      const happens = happenings[waits.push(ms) - 1];
      if (happens) happens();
      else stop.abort();
    },
  };
  const seen: FileText[] = [];
  for await (const text of followFile({ path, time, everyMs: 2_000 }, stop.signal)) seen.push(text);
  return { seen, waits };
}

const nothing = () => {};

describe('following a configuration file', () => {
  it('gives what is there now', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const { seen, waits } = await followed(path, [nothing, nothing]);
    assert.deepEqual(seen, [{ text: ON }]);
    assert.deepEqual(waits, [2_000, 2_000, 2_000]);
  });

  it('gives a change that two looks in a row have seen', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const rewrite = () => writeFileSync(path, OFF);
    assert.deepEqual((await followed(path, [rewrite])).seen, [{ text: ON }]);
    assert.deepEqual((await followed(path, [rewrite, nothing])).seen, [{ text: OFF }]);
    writeFileSync(path, ON);
    const { seen } = await followed(path, [rewrite, nothing, nothing, nothing]);
    assert.deepEqual(seen, [{ text: ON }, { text: OFF }]);
  });

  it('takes no half-written file for a change', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const { seen } = await followed(path, [
      () => writeFileSync(path, ''),
      () => writeFileSync(path, 'analytics:'),
      () => writeFileSync(path, 'analytics: {enabled'),
      () => writeFileSync(path, ON),
      nothing,
      nothing,
    ]);
    assert.deepEqual(seen, [{ text: ON }]);
  });

  it('gives one change for a file that was half-written on the way', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const { seen } = await followed(path, [
      () => writeFileSync(path, ''),
      () => writeFileSync(path, OFF),
      nothing,
      nothing,
    ]);
    assert.deepEqual(seen, [{ text: ON }, { text: OFF }]);
  });

  it('takes no file that is gone for a moment for a change', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const { seen } = await followed(path, [
      () => rmSync(path),
      () => writeFileSync(path, ON),
      nothing,
      nothing,
    ]);
    assert.deepEqual(seen, [{ text: ON }]);
  });

  it('says that a file has gone, and that it is back', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const { seen } = await followed(path, [
      () => rmSync(path),
      nothing,
      () => writeFileSync(path, ON),
      nothing,
    ]);
    assert.deepEqual(seen, [{ text: ON }, { error: 'ENOENT' }, { text: ON }]);
  });

  it('sees the symlink swap by which kubelet changes a mounted ConfigMap', async (t) => {
    const { folder, path } = setup(t);
    const fill = (version: string, text: string) => {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'kusk.yaml'), text);
    };
    fill('..2026_1', ON);
    symlinkSync('..2026_1', join(folder, '..data'));
    symlinkSync('..data/kusk.yaml', path);
    const swap = () => {
      fill('..2026_2', OFF);
      symlinkSync('..2026_2', join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
      rmSync(join(folder, '..2026_1'), { recursive: true });
    };
    assert.deepEqual((await followed(path, [swap, nothing])).seen, [{ text: ON }, { text: OFF }]);
  });

  it('sees a change to a file of the same length, also in the same moment', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, 'analytics: {enabled: on }');
    const rewrite = () => writeFileSync(path, 'analytics: {enabled: off}');
    const { seen } = await followed(path, [rewrite, nothing]);
    assert.equal(seen.length, 2);
  });

  it('ends when aborted, also in the middle of a change', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const stop = new AbortController();
    const time = {
      now: () => 0,
      steady: () => 0,
      deadline: () => stop.signal,
      wait: async (_: number, signal: AbortSignal) => {
        writeFileSync(path, OFF);
        stop.abort();
        signal.throwIfAborted();
      },
    };
    const seen: FileText[] = [];
    for await (const text of followFile({ path, time, everyMs: 1 }, stop.signal)) seen.push(text);
    assert.deepEqual(seen, [{ text: ON }]);
  });
});

describe('reading a configuration file', () => {
  it('says why it can not be read', async (t) => {
    const { folder, path } = setup(t);
    assert.deepEqual(await readText(path), { error: 'ENOENT' });
    assert.deepEqual(await readText(folder), { error: 'EISDIR' });
    symlinkSync('kusk.yaml', path);
    assert.deepEqual(await readText(path), { error: 'ELOOP' });
  });

  it('says that none was named', async () => {
    assert.equal(await readText(undefined), 'none');
  });
});
