import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dayFromNumber, dayOf } from '../../src/collector/day.ts';

describe('the day that an event counts for', () => {
  const cases = [
    {
      title: 'is that of its timestamp',
      timestamp: '2026-11-20',
      receivedAt: '2026-11-23',
      day: '2026-11-20',
    },
    {
      title: 'is that of its receipt if it is from before 2020',
      timestamp: '2019-12-31',
      receivedAt: '2026-11-23',
      day: '2026-11-23',
    },
    {
      title: 'is that of its receipt if it is ahead by days',
      timestamp: '2026-11-25',
      receivedAt: '2026-11-23',
      day: '2026-11-23',
    },
    {
      title: 'is in 2020 if the clock was not set',
      timestamp: '2026-11-20',
      receivedAt: '1970-01-01',
      day: '2020-01-01',
    },
  ];
  for (const { title, timestamp, receivedAt, day } of cases) {
    it(title, () => {
      assert.equal(dayFromNumber(dayOf(timestamp, { receivedAt: Date.parse(receivedAt) })), day);
    });
  }
});
