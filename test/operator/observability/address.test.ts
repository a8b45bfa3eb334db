import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAddress } from '../../../src/operator/observability/address.ts';

describe('an address', () => {
  const cases = [
    { text: ':8080', address: { host: undefined, port: 8080 } },
    { text: '127.0.0.1:8080', address: { host: '127.0.0.1', port: 8080 } },
    { text: '[::1]:8080', address: { host: '::1', port: 8080 } },
    { text: 'localhost:0', address: { host: 'localhost', port: 0 } },
    { text: ':65535', address: { host: undefined, port: 65_535 } },
    { text: '0', address: 'none' },
    { text: ':65536', address: undefined },
    { text: '8080', address: undefined },
    { text: '', address: undefined },
    { text: ':', address: undefined },
    { text: '::1:8080', address: undefined },
    { text: 'http://host:8080', address: undefined },
    { text: ':8080/metrics', address: undefined },
    { text: ':-1', address: undefined },
  ] as const;
  for (const { text, address } of cases) {
    it(`"${text}" is ${address === undefined ? 'invalid' : JSON.stringify(address)}`, () => {
      assert.deepEqual(parseAddress(text), address);
    });
  }
});
