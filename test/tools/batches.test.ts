import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runToEnd } from '../../lab/support/run.ts';
import { writeBatches } from '../../tools/test/batches.ts';

async function aFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-batches-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

describe('the batches of test files', () => {
  it('have each file once, dealt like cards, and none is empty', async (t) => {
    const folder = await aFolder(t);
    const files = ['/a.ts', '/b.ts', '/c.ts', '/d.ts', '/e.ts'];
    const filesIn = async (path: string) =>
      [...(await readFile(path, 'utf8')).matchAll(/"file:\/\/(\/\w\.ts)"/g)].map(
        ([, file]) => file,
      );
    const two = await writeBatches(files, { count: 2, folder });
    assert.deepEqual(await Promise.all(two.map(filesIn)), [
      ['/a.ts', '/c.ts', '/e.ts'],
      ['/b.ts', '/d.ts'],
    ]);
    assert.equal((await writeBatches(files, { count: 9, folder })).length, 5);
    assert.deepEqual(await writeBatches([], { count: 9, folder }), []);
  });

  it('run all tests in one process once all files are loaded, but for one that cannot be', async (t) => {
    const folder = await aFolder(t);
    const log = join(folder, 'log');
    const head = `
      import { appendFileSync } from 'node:fs';
      import { it } from 'node:test';
      const log = (text) => appendFileSync(${JSON.stringify(log)}, text + ' ');`;
    const sources = {
      'first.mjs': `${head} log('first'); it('one', () => log('one'));`,
      'broken.mjs': "throw new Error('of no use');",
      'it is "last".mjs': `${head} await null; log('last'); it('two', () => log(process.ppid));`,
    };
    for (const [name, text] of Object.entries(sources)) await writeFile(join(folder, name), text);
    const files = Object.keys(sources).map((name) => join(folder, name));
    const into = join(folder, 'batches');
    await mkdir(into);
    const [batch = ''] = await writeBatches(files, { count: 1, folder: into });
    // As a part of this test it would not print for people.
    const { NODE_V8_COVERAGE: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
    const { code, out: output } = await runToEnd(process.execPath, [batch], { env });
    assert.equal(code, 1);
    assert.match(output, /^✔ one /m);
    assert.match(output, new RegExp(`^✖ ${folder}/broken\\.mjs `, 'm'));
    assert.match(output, /of no use/);
    assert.match(output, /^✔ two /m);
    assert.match(output, /^ℹ tests 3$/m);
    assert.equal(await readFile(log, 'utf8'), `first last one ${process.pid} `);
  });
});
