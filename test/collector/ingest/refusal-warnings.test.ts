import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusalWarnings } from '../../../src/collector/ingest/refusal-warnings.ts';
import { anEvent, collector } from '../setup.ts';

describe('a sender whose events are all refused', () => {
  it('appears in the log as a warning with the reasons, and in the metrics', async () => {
    const { post, get, logged } = collector();
    const batch = [
      { ...anEvent(), MARKER: 1 },
      { ...anEvent(), type: 'page' },
    ];
    assert.equal((await post('/v1/batch', { body: { batch } })).status, 200);
    const warnings = logged.filter((line) => line.startsWith('every event'));
    assert.equal(warnings.length, 1);
    assert.match(String(warnings), /"requests":1,"refused":\{"unknown-member":1,"not-a-track":1\}/);
    assert.doesNotMatch(logged.join(), /MARKER|message-1/);
    const { text, headers } = await get('/metrics');
    assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.match(text, /^kusk_collector_events_refused_total\{reason="not-a-track"\} 1$/m);
    assert.match(text, /^kusk_collector_events_refused_total\{reason="bad-timestamp"\} 0$/m);
    assert.match(text, /^kusk_collector_requests_total\{status="200"\} 1$/m);
    assert.match(text, /^kusk_collector_bytes_in_flight 0$/m);
  });

  it('has one line per minute, with the counts since the last line', () => {
    const lines: string[] = [];
    const clock = { ms: 0 };
    const warn = refusalWarnings({
      log: { warn: (fields) => lines.push(JSON.stringify(fields)) },
      steady: () => clock.ms,
    });
    const refused = () =>
      warn(
        { accepted: 0, duplicates: 0 },
        { events: [], refused: new Map([['bad-timestamp', 2] as const]) },
      );
    for (let index = 0; index < 5; index += 1) refused();
    warn({ accepted: 1, duplicates: 0 }, { events: [], refused: new Map() });
    clock.ms += 60_000;
    refused();
    assert.deepEqual(lines, [
      '{"requests":1,"refused":{"bad-timestamp":2}}',
      '{"requests":5,"refused":{"bad-timestamp":10}}',
    ]);
  });

  it('has no warning if one event was accepted', async () => {
    const { post, logged } = collector();
    await post('/v1/batch', { body: { batch: [anEvent(), { ...anEvent(), type: 'page' }] } });
    assert.equal(logged.length, 1);
  });
});
