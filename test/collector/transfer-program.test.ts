import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { aFile, launch, runOnce } from './program.ts';
import { aBatch, anEvent, aStore, NOW } from './setup.ts';

describe('kusk-collector export', () => {
  it('refuses a file that does not exist, and creates none', async (t) => {
    const file = aFile(t);
    const { code, err } = await runOnce(t, ['export', '--database', file]);
    assert.equal(code, 1);
    assert.match(err, /does not exist: name the file with --database FILE/);
  });

  it('exits with 2 for a place of another store, and says what to write', async (t) => {
    const file = aFile(t);
    await aStore(file).close();
    const args = ['export', '--database', file, '--after'];
    for (const place of ['message-1', '999']) {
      const { code, err } = await runOnce(t, [...args, place]);
      assert.equal(code, 2);
      assert.match(
        err,
        new RegExp(`--after ${place}: That is no "seq" of this store: write .* or 0`),
      );
    }
    assert.equal((await runOnce(t, [...args, '0'])).code, 0);
  });

  it('ends with its reader', async (t) => {
    const file = aFile(t);
    const store = aStore(file);
    const events = Array.from({ length: 6_000 }, (_, i) => anEvent({ messageId: `m-${i}` }));
    await store.record(aBatch(events), { receivedAt: NOW });
    await store.close();
    const child = launch(t, ['export', '--database', file]);
    let printed = '';
    child.stderr?.on('data', (chunk) => {
      printed += chunk;
    });
    child.stdout?.once('data', () => child.stdout?.destroy());
    const [code] = await once(child, 'exit');
    assert.equal(code, 1, printed);
    assert.match(printed, /EPIPE|ECONNRESET/);
  });
});

describe('kusk-collector import', () => {
  it('exits with 1 if the last line is cut, whose lines before it are stored, or if no line is an object', async (t) => {
    const file = aFile(t);
    const lines = ['a', 'b'].map((messageId) => JSON.stringify(anEvent({ messageId })));
    const input = lines.join('\n').slice(0, -20);
    const { code, err } = await runOnce(t, ['import', '--database', file], { input });
    assert.equal(code, 1);
    assert.match(err, /1 events stored, .*The last line is cut: run the export and this import/s);
    const none = await runOnce(t, ['import', '--database', file], { input: '[]\n' });
    assert.equal(none.code, 1);
    assert.match(
      none.err,
      /1 refused \(not-an-object\)\n.*No line is a JSON object: import reads one/s,
    );
    const identify = JSON.stringify({ ...anEvent(), type: 'identify' });
    const others = await runOnce(t, ['import', '--database', file], { input: identify });
    assert.equal(others.code, 0, others.err);
    const again = await runOnce(t, ['import', '--database', file], { input: lines.join('\n') });
    assert.deepEqual([again.code, again.err], [0, '1 events stored, 1 stored before\n']);
  });
});
