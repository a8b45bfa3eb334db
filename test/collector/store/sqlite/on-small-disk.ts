/**
 * Fills a disk of 4 MiB with events, and makes room again: FOLDER, on which it mounts the disk. Runs in a mount
 * namespace of its own. Prints what happened as JSON.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transfer } from '../../../../src/collector/transfer.ts';
import { systemTime } from '../../../../src/runtime/time.ts';
import { anEvent, aStore, collector, eventsOf, outcomesOf } from '../../setup.ts';

const [folder = ''] = process.argv.slice(2);
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
const ballast = join(folder, 'ballast');
writeFileSync(ballast, Buffer.alloc(1024 * 1024));
const file = join(folder, 'test.db');
const { post, get, store, logged } = collector({ file });

async function send(batch: number): Promise<string> {
  const events = Array.from({ length: 100 }, (_, i) => anEvent({ messageId: `m-${batch}-${i}` }));
  const { status, headers } = await post('/v1/batch', { body: { batch: events } });
  return `${status} ${headers.get('retry-after')}`;
}

/** Fills what a large batch has left, and opens the store as a restart does. Resolves with how many events it has. */
async function acceptedAfterRestart(): Promise<number | undefined> {
  const body = { batch: [{ ...anEvent(), type: 'page' }] };
  while ((await post('/v1/batch', { body })).status === 200);
  const restarted = aStore(file);
  const { accepted } = await outcomesOf(restarted);
  await restarted.close();
  return accepted;
}

/** Until it tries again. Resolves with what it prints. */
async function importOne(): Promise<readonly string[]> {
  const stop = new AbortController();
  const notes: string[] = [];
  await transfer(
    { command: 'import', database: file, clickHouse: undefined, after: '' },
    {
      async *lines() {
        for (let i = 0; i < 100; i += 1) yield JSON.stringify(anEvent({ messageId: `i-${i}` }));
      },
      write: async () => {},
      note(text) {
        notes.push(text);
        stop.abort();
      },
      time: systemTime,
      env: {},
      signal: stop.signal,
    },
  ).catch(() => {});
  return notes;
}

/** Fills the disk while no process has the database open. Returns what a start says. */
function startedOnFullDisk(): string {
  assert.throws(() => writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024)), { code: 'ENOSPC' });
  try {
    aStore(file);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

let stored = 0;
while (stored < 1_000 && (await send(stored)) === '200 null') stored += 1;
const whileFull = [await send(stored), await send(stored)];
const read = await get('/v1/numbers');
const imported = await importOne();
const restarted = await acceptedAfterRestart();
rmSync(ballast);
const afterwards = [await send(stored), await send(stored + 1)];
await store.close();
const again = aStore(file);
const ids = (await eventsOf(again)).map(({ messageId }) => messageId);
await again.close();
const result = {
  stored,
  whileFull,
  readWhileFull: { status: read.status, accepted: JSON.parse(read.text).received.accepted },
  imported,
  restarted,
  afterwards,
  batches: new Set(ids.map((id) => id.split('-')[1])).size,
  events: ids.length,
  started: startedOnFullDisk().replace(folder, ''),
  failed: logged.filter((line) => line.startsWith('request failed')),
};
process.stdout.write(JSON.stringify(result));
