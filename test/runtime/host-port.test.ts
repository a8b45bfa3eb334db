import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseHostPort } from '../../src/runtime/host-port.ts';

describe('parseHostPort', () => {
  const cases = [
    { text: '127.0.0.1:8080', expected: { host: '127.0.0.1', port: 8080 } },
    { text: '[::1]:8080', expected: { host: '::1', port: 8080 } },
    { text: 'localhost:0', expected: { host: 'localhost', port: 0 } },
    { text: ':65535', expected: { host: undefined, port: 65_535 } },
    { text: ':65536', expected: undefined },
    { text: '0', expected: undefined },
    { text: '8080', expected: undefined },
    { text: '', expected: undefined },
    { text: ':', expected: undefined },
    { text: '::1:8080', expected: undefined },
    { text: '[]:8080', expected: undefined },
    { text: 'a host:8080', expected: undefined },
    { text: ' :8080', expected: undefined },
    { text: 'http://host:8080', expected: undefined },
    { text: ':8080/metrics', expected: undefined },
    { text: ':-1', expected: undefined },
  ];
  for (const { text, expected } of cases) {
    it(`returns ${JSON.stringify(expected)} for "${text}"`, () => {
      assert.deepEqual(parseHostPort(text), expected);
    });
  }
});
