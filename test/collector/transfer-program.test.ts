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
