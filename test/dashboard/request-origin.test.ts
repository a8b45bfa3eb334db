import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  hostOf,
  isOwnHost,
  isOwnOrigin,
  pageAddress,
  placeText,
} from '../../src/dashboard/request-origin.ts';

describe('the Host of a request', () => {
  const cases = [
    { address: '127.0.0.1', host: '127.0.0.1:8080', isOwn: true },
    { address: '127.0.0.1', host: 'localhost:8080', isOwn: true },
    { address: '127.0.0.1', host: 'LOCALHOST:8080', isOwn: true },
    { address: '127.0.0.1', host: '[::1]:8080', isOwn: true },
    { address: '127.0.0.1', host: undefined, isOwn: false },
    { address: '127.0.0.1', host: '', isOwn: false },
    { address: '127.0.0.1', host: '127.0.0.1', isOwn: false },
    { address: '127.0.0.1', host: '127.0.0.1:8081', isOwn: false },
    { address: '127.0.0.1', host: 'rebound.example:8080', isOwn: false },
    { address: '127.0.0.1', host: 'localhost.example:8080', isOwn: false },
    { address: '127.0.0.1', host: 'localhost:8080.example', isOwn: false },
    { address: '127.0.0.1', host: '127.0.0.1:8080@rebound.example', isOwn: false },
    { address: '127.0.0.1', host: '192.168.1.5:8080', isOwn: false },
    { address: '192.168.1.5', host: '192.168.1.5:8080', isOwn: true },
    { address: 'fd00::5', host: '[fd00::5]:8080', isOwn: true },
    { address: '0.0.0.0', host: '192.168.1.5:8080', isOwn: true },
    { address: '0.0.0.0', host: '192.168.1.5:8081', isOwn: false },
    { address: '0.0.0.0', host: 'rebound.example:8080', isOwn: false },
    { address: '::', host: '[fd00::5]:8080', isOwn: true },
    { address: '::', host: 'rebound.example:8080', isOwn: false },
  ];
  for (const { address, host, isOwn } of cases) {
    it(`${isOwn ? 'names' : 'does not name'} a server at ${address}: ${host}`, () => {
      assert.equal(isOwnHost(host, { address, port: 8080 }), isOwn);
    });
  }

  it('has no port if it is 80, as browsers write it', () => {
    assert.equal(hostOf({ address: '::1', port: 80 }), '[::1]');
    assert.ok(isOwnHost('localhost', { address: '127.0.0.1', port: 80 }));
  });
});

describe('the address of the first page', () => {
  const cases = [
    ['127.0.0.1', 'http://127.0.0.1:8080/'],
    ['localhost', 'http://localhost:8080/'],
    ['fd00::5', 'http://[fd00::5]:8080/'],
    ['0.0.0.0', 'http://127.0.0.1:8080/'],
    ['::', 'http://[::1]:8080/'],
  ] as const;
  for (const [address, expected] of cases) {
    it(`can be opened on this machine: ${address}`, () => {
      const bound = { address, port: 8080 };
      assert.equal(pageAddress(bound), expected);
      assert.ok(isOwnHost(new URL(expected).host, bound));
    });
  }
});

describe('where the dashboard is, for somebody who has used another name', () => {
  for (const [address, expected] of [
    ['127.0.0.1', 'at http://127.0.0.1:8080/'],
    ['192.168.1.5', 'at http://192.168.1.5:8080/'],
    ['0.0.0.0', 'opened by an IP address of its machine, with port 8080'],
    ['::', 'opened by an IP address of its machine, with port 8080'],
  ] as const) {
    it(`is of use at another machine too: ${address}`, () => {
      assert.equal(placeText({ address, port: 8080 }), expected);
    });
  }
});

describe('the origin of a request', () => {
  const host = '127.0.0.1:8080';
  const own = `http://${host}`;
  const cases = [
    { site: undefined, origin: undefined, isOwn: true },
    { site: 'none', origin: undefined, isOwn: true },
    { site: 'same-origin', origin: own, isOwn: true },
    { site: 'same-origin', origin: undefined, isOwn: true },
    { site: 'same-site', origin: undefined, isOwn: false },
    { site: 'cross-site', origin: undefined, isOwn: false },
    { site: 'cross-site', origin: own, isOwn: false },
    { site: undefined, origin: 'http://127.0.0.1:3000', isOwn: false },
    { site: undefined, origin: 'https://127.0.0.1:8080', isOwn: false },
    { site: undefined, origin: 'null', isOwn: false },
    { site: 'anything', origin: undefined, isOwn: false },
  ];
  for (const { site, origin, isOwn } of cases) {
    it(`is ${isOwn ? 'its own' : 'elsewhere'}: ${site}, ${origin}`, () => {
      assert.equal(isOwnOrigin({ host, site, origin }), isOwn);
    });
  }
});
