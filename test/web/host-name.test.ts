import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAddressHost } from '../../src/web/host-name.ts';

describe('a Host', () => {
  const cases = [
    ['127.0.0.1:8090', true],
    ['127.0.0.1', true],
    ['localhost:8090', true],
    ['LOCALHOST', true],
    ['[::1]:8090', true],
    ['192.168.1.5:1', true],
    ['', false],
    ['rebound.example', false],
    ['rebound.example:8090', false],
    ['localhost.example:8090', false],
    ['localhost.:8090', false],
    ['127.0.0.1.example', false],
    ['127.1:8090', false],
    ['127.0.0.1:8090@rebound.example', false],
    ['[rebound.example]:8090', false],
    ['::1', false],
  ] as const;
  for (const [host, isAddress] of cases) {
    it(`is ${isAddress ? 'an address' : 'none'}: ${host}`, () => {
      assert.equal(isAddressHost(host), isAddress);
    });
  }
});
