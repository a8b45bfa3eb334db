import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CATALOGUE } from '../../src/event.ts';
import { exampleEvents } from '../../src/record/example-events.ts';

describe('exampleEvents', () => {
  it("returns each of the operator's events in the catalogue, in its order", () => {
    const expected = CATALOGUE.filter(({ source }) => source === 'kusk-gateway');
    assert.deepEqual(
      exampleEvents().map(({ event, properties }) => `${event}/${properties.event}`),
      expected.map(({ source, name }) => `${source}/${name}`),
    );
  });

  it('returns ids of the real form, with random ones for the opt-out only', () => {
    const optOut = exampleEvents().find(({ properties }) => isOptOut(properties.event));
    const others = exampleEvents().filter(({ properties }) => !isOptOut(properties.event));
    assert.equal(new Set(others.map(({ anonymousId }) => anonymousId)).size, 1);
    assert.notEqual(optOut?.anonymousId, others[0]?.anonymousId);
    for (const { messageId, anonymousId, userId } of exampleEvents()) {
      for (const id of [messageId, anonymousId]) assert.match(id, /^[0-9a-f]{64}$/);
      assert.equal(userId, anonymousId);
    }
    assert.equal(
      new Set(exampleEvents().map(({ messageId }) => messageId)).size,
      others.length + 1,
    );
  });

  it('returns the same in each call', () => {
    assert.deepEqual(exampleEvents(), exampleEvents());
  });
});

function isOptOut(name: string): boolean {
  return name === 'analytics-disabled';
}
