import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { mounted, mountedFile } from '../../../lab/support/config-source.ts';
import type { FileText } from '../../../src/consent/config-file.ts';
import {
  readConfigText,
  readOptOutText,
  readText,
  watchFile,
} from '../../../src/operator/config/watch-file.ts';

const ON = 'analytics: {enabled: true}\n';
const OFF = 'analytics: {enabled: false}\n';

/** Returns a temporary folder that is removed after the test. */
function setup(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-watch-file-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return { folder, path: join(folder, 'kusk.yaml') };
}

/** Drops each text that equals the previous one. */
function changes(texts: readonly FileText[]): readonly FileText[] {
  return texts.filter((text, index) => !isDeepStrictEqual(text, texts[index - 1]));
}

/**
 * Watches a file while each step changes it between two reads. Returns the settled changes, the waits
 * and the reads that were yielded. Watching ends after the last step.
 */
async function watched(path: string, steps: readonly (() => void)[]) {
  const stop = new AbortController();
  const waits: number[] = [];
  const time = {
    now: () => 0,
    steady: () => 0,
    deadline: () => new AbortController().signal,
    after: () => () => {},
    wait: async (ms: number) => {
      const step = steps[waits.push(ms) - 1];
      if (step) step();
      else stop.abort();
    },
  };
  const read = () => readText(path);
  const reads = await Array.fromAsync(watchFile({ read, time, everyMs: 2_000 }, stop.signal));
  const seen = changes(reads.filter(({ settled }) => settled).map(({ found }) => found));
  return { seen, waits, reads };
}

describe('reading a configuration file', () => {
  it('reads a missing key of a mounted ConfigMap as an empty file', async (t) => {
    const { folder, path } = setup(t);
    assert.deepEqual(await readConfigText(path), { error: 'ENOENT' });
    mkdirSync(join(folder, '..2026'));
    symlinkSync('..2026', join(folder, '..data'));
    assert.deepEqual(await readConfigText(path), { text: '' });
    writeFileSync(path, OFF);
    assert.deepEqual(await readConfigText(path), { text: OFF });
  });

  it('returns the code of any other error, and none if no file is configured', async (t) => {
    const { folder } = setup(t);
    symlinkSync('..2026', join(folder, '..data'));
    assert.deepEqual(await readConfigText(folder), { error: 'EISDIR' });
    assert.equal(await readConfigText(undefined), 'none');
  });
});

describe('reading an opt-out', () => {
  const MISSING = { error: 'ENOENT' };

  it('returns the other keys of its mounted ConfigMap if it is missing', async (t) => {
    const { folder } = setup(t);
    using volume = mounted(join(folder, 'kusk-gateway-opt-out'));
    const path = join(volume.folder, 'enabled');
    volume.sync({});
    assert.deepEqual(await readOptOutText(path), MISSING);
    volume.sync({ enable: 'false' });
    assert.deepEqual(await readOptOutText(path), { otherKeys: ['enable'] });
    volume.sync({ enable: 'false', enabled: 'true' });
    assert.deepEqual(await readOptOutText(path), { text: 'true' });
  });

  it('returns no keys while kubelet brings the links up to date', async (t) => {
    const { folder } = setup(t);
    using volume = mounted(join(folder, 'kusk-gateway-opt-out'));
    const path = join(volume.folder, 'enabled');
    volume.sync({});
    symlinkSync('..data/enable', join(volume.folder, 'enable'));
    assert.deepEqual(await readOptOutText(path), MISSING);
    volume.sync({ enable: 'false', enabled: 'true' });
    rmSync(path);
    assert.deepEqual(await readOptOutText(path), MISSING);
  });

  it('returns no other files of a folder that is not the mount of that ConfigMap', async (t) => {
    const { folder } = setup(t);
    using volume = mounted(join(folder, 'other'));
    volume.sync({ enable: 'false' });
    const byHand = join(folder, 'kusk-gateway-opt-out');
    mkdirSync(byHand);
    writeFileSync(join(byHand, 'enable'), 'false');
    for (const place of [volume.folder, byHand]) {
      assert.deepEqual(await readOptOutText(join(place, 'enabled')), MISSING);
    }
  });
});

const nothing = () => {};

describe('watching a configuration file', () => {
  it('yields the current file', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const { seen, waits } = await watched(path, [nothing, nothing]);
    assert.deepEqual(seen, [{ text: ON }]);
    assert.deepEqual(waits, [2_000, 2_000, 2_000]);
  });

  it('yields a change that two successive reads have found', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const rewrite = () => writeFileSync(path, OFF);
    assert.deepEqual((await watched(path, [rewrite])).seen, [{ text: ON }]);
    assert.deepEqual((await watched(path, [rewrite, nothing])).seen, [{ text: OFF }]);
    writeFileSync(path, ON);
    const { seen } = await watched(path, [rewrite, nothing, nothing, nothing]);
    assert.deepEqual(seen, [{ text: ON }, { text: OFF }]);
  });

  it('does not settle on a half-written file', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const { seen } = await watched(path, [
      () => writeFileSync(path, ''),
      () => writeFileSync(path, 'analytics:'),
      () => writeFileSync(path, 'analytics: {enabled'),
      () => writeFileSync(path, ON),
      nothing,
      nothing,
    ]);
    assert.deepEqual(seen, [{ text: ON }]);
  });

  it('yields one change for a file that was half-written in between', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const { seen } = await watched(path, [
      () => writeFileSync(path, ''),
      () => writeFileSync(path, OFF),
      nothing,
      nothing,
    ]);
    assert.deepEqual(seen, [{ text: ON }, { text: OFF }]);
  });

  it('yields a change when it is first read, and again when it has settled', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const rewrite = () => writeFileSync(path, OFF);
    const { reads } = await watched(path, [nothing, rewrite, nothing, nothing]);
    assert.deepEqual(reads, [
      { found: { text: ON }, settled: true },
      { found: { text: OFF }, settled: false },
      { found: { text: OFF }, settled: true },
    ]);
  });

  it('yields a short change and its end', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const empty = () => writeFileSync(path, '');
    const full = () => writeFileSync(path, ON);
    const { reads } = await watched(path, [empty, full, nothing, nothing]);
    assert.deepEqual(reads, [
      { found: { text: ON }, settled: true },
      { found: { text: '' }, settled: false },
      { found: { text: ON }, settled: false },
      { found: { text: ON }, settled: true },
    ]);
  });

  it('does not settle on a file that is missing for a moment', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const { seen } = await watched(path, [
      () => rmSync(path),
      () => writeFileSync(path, ON),
      nothing,
      nothing,
    ]);
    assert.deepEqual(seen, [{ text: ON }]);
  });

  it('yields when a file is deleted, and when it exists again', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const { seen } = await watched(path, [
      () => rmSync(path),
      nothing,
      () => writeFileSync(path, ON),
      nothing,
    ]);
    assert.deepEqual(seen, [{ text: ON }, { error: 'ENOENT' }, { text: ON }]);
  });

  it('detects the symlink swap by which kubelet changes a mounted ConfigMap', async () => {
    using source = mountedFile(ON);
    const swap = () => source.write(OFF);
    assert.deepEqual((await watched(source.path, [swap, nothing])).seen, [
      { text: ON },
      { text: OFF },
    ]);
  });

  it('detects a change to a file of the same length, also in the same millisecond', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, 'analytics: {enabled: on }');
    const rewrite = () => writeFileSync(path, 'analytics: {enabled: off}');
    const { seen } = await watched(path, [rewrite, nothing]);
    assert.equal(seen.length, 2);
  });

  it('ends when aborted, also during a change', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const stop = new AbortController();
    const time = {
      now: () => 0,
      steady: () => 0,
      deadline: () => stop.signal,
      after: () => () => {},
      wait: async (_: number, signal: AbortSignal) => {
        writeFileSync(path, OFF);
        stop.abort();
        signal.throwIfAborted();
      },
    };
    const read = () => readText(path);
    const reads = await Array.fromAsync(watchFile({ read, time, everyMs: 1 }, stop.signal));
    assert.deepEqual(reads, [{ found: { text: ON }, settled: true }]);
  });
});

describe('reading a configuration file', () => {
  it('returns why it cannot be read', async (t) => {
    const { folder, path } = setup(t);
    assert.deepEqual(await readText(path), { error: 'ENOENT' });
    assert.deepEqual(await readText(folder), { error: 'EISDIR' });
    symlinkSync('kusk.yaml', path);
    assert.deepEqual(await readText(path), { error: 'ELOOP' });
  });

  it('reads up to the maximum size of a ConfigMap', async (t) => {
    const { path } = setup(t);
    const whole = 'x'.repeat(1_048_576);
    writeFileSync(path, whole);
    assert.deepEqual(await readText(path), { text: whole });
    writeFileSync(path, `${whole}x`);
    assert.deepEqual(await readText(path), { error: 'EFBIG' });
    assert.deepEqual(await readText('/dev/zero'), { error: 'EFBIG' });
  });

  it('does not block on a pipe', async (t) => {
    const { path } = setup(t);
    execFileSync('mkfifo', [path]);
    assert.deepEqual(await readText(path), { text: '' });
  });

  it('leaves no file open', async (t) => {
    const { path } = setup(t);
    writeFileSync(path, ON);
    const before = readdirSync('/proc/self/fd').length;
    for (let count = 0; count < 20; count += 1) await readText(path);
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  it('returns none if no file is configured', async () => {
    assert.equal(await readText(undefined), 'none');
  });
});
