import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { importEvents } from '../../src/collector/import-events.ts';
import { anEvent, aStore, eventsOf, NOW } from './setup.ts';

async function* linesOf(values: readonly object[], before = '') {
  for (const [i, value] of values.entries())
    yield `${i === 0 ? before : ''}${JSON.stringify(value)}`;
}

describe('importEvents', () => {
  it('reads an archive of Segment: track calls with more members, and others that it refuses', async () => {
    const store = aStore();
    const added = {
      type: 'track',
      channel: 'server',
      context: { library: { name: 'analytics-go', version: '3.0.0' }, ip: '192.0.2.1' },
      integrations: { All: true },
      projectId: 'p',
      version: 2,
      originalTimestamp: '2026-11-20T10:00:01Z',
      receivedAt: '2026-11-20T10:00:03.000Z',
      sentAt: null,
    };
    const track = { ...anEvent({ timestamp: '2026-11-20T10:00:00.000Z' }), ...added };
    const { stored, repeats, refused } = await importEvents(store, {
      lines: linesOf([track, track, { ...track, type: 'identify' }, { ...track, event: 'other' }]),
      now: NOW,
    });
    assert.deepEqual([stored, repeats], [1, 1]);
    assert.deepEqual(Object.fromEntries(refused), { 'not-a-track': 1, 'unknown-event': 1 });
    const [event] = await eventsOf(store);
    assert.deepEqual([event?.day, event?.receivedAt], ['2026-11-20', '2026-11-20T10:00:03.000Z']);
  });

  it('reads a file that begins with a byte order mark', async () => {
    const lines = linesOf([anEvent(), anEvent({ messageId: 'message-2' })], '\uFEFF');
    const { stored, refused } = await importEvents(aStore(), { lines, now: NOW });
    assert.deepEqual([stored, refused.size], [2, 0]);
  });
});
