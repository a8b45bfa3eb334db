import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlagError } from '../../src/collector/flag-values.ts';
import { parseFlags } from '../../src/collector/flags.ts';
import { StoreError } from '../../src/collector/store/store.ts';

const DEFAULTS = {
  host: '127.0.0.1',
  port: 8090,
  database: './kusk-collector.db',
  clickHouse: undefined,
  writeKeys: ['k'],
  readKey: undefined,
  isPublic: false,
  maxPerSecond: 1_000,
  logLevel: 'info',
  keepDays: undefined,
};

describe('parseFlags', () => {
  const accepted = [
    { args: ['--write-key', 'k'], expected: {} },
    { args: [], env: { COLLECTOR_WRITE_KEY: 'k' }, expected: {} },
    { args: [], env: { COLLECTOR_WRITE_KEY: ' k, l ,' }, expected: { writeKeys: ['k', 'l'] } },
    {
      args: ['--write-key=a', '--write-key=b'],
      env: { COLLECTOR_WRITE_KEY: 'c' },
      expected: { writeKeys: ['a', 'b', 'c'] },
    },
    { args: ['--write-key=k', '--listen=:0'], expected: { port: 0 } },
    { args: ['--write-key=k', '--listen', ' :0 '], expected: { port: 0 } },
    {
      args: ['--write-key=k'],
      env: { COLLECTOR_DATABASE: ' ', COLLECTOR_READ_KEY: '', COLLECTOR_KEEP_EVENTS: ' ' },
      expected: {},
    },
    { args: ['--write-key=k', '--listen=[::1]:80'], expected: { host: '::1', port: 80 } },
    { args: ['--write-key=k', '--listen=localhost:80'], expected: { host: 'localhost', port: 80 } },
    {
      args: ['--write-key=k', '--listen=0.0.0.0:80', '--read-key=r'],
      expected: { host: '0.0.0.0', port: 80, readKey: 'r' },
    },
    { args: ['--write-key=k'], env: { COLLECTOR_READ_KEY: 'r' }, expected: { readKey: 'r' } },
    { args: ['--write-key=k', '--database=:memory:'], expected: { database: ':memory:' } },
    {
      args: ['--write-key=k'],
      env: { LOG_LEVEL: ' Debug' },
      expected: { logLevel: 'debug' },
    },
    { args: ['--write-key=k'], env: { LOG_LEVEL: '' }, expected: {} },
    {
      args: ['--write-key=k', '--read-key=r', '--listen=*:80'],
      expected: { host: undefined, port: 80, readKey: 'r' },
    },
    {
      args: ['--write-key=k'],
      env: { COLLECTOR_LISTEN: ':81', COLLECTOR_DATABASE: '/data/a.db' },
      expected: { port: 81, database: '/data/a.db' },
    },
    {
      args: ['--write-key=k', '--listen=:82', '--database=b.db'],
      env: { COLLECTOR_LISTEN: ':81', COLLECTOR_DATABASE: 'a.db' },
      expected: { port: 82, database: 'b.db' },
    },
    {
      args: ['--write-key=k', '--public'],
      env: { COLLECTOR_READ_KEY: 'r' },
      expected: { isPublic: true, readKey: 'r' },
    },
    {
      args: ['--write-key=k', '--store=clickhouse://me@db/kusk'],
      expected: { clickHouse: { url: 'http://db:8123', user: 'me', database: 'kusk' } },
    },
    {
      args: ['--write-key=k'],
      env: { COLLECTOR_STORE: 'clickhouses://[::1]:80/kusk' },
      expected: { clickHouse: { url: 'https://[::1]:80', user: 'default', database: 'kusk' } },
    },
    { args: ['--write-key=k', '--keep-events=90'], expected: { keepDays: 90 } },
    {
      args: ['--write-key=k'],
      env: { COLLECTOR_KEEP_EVENTS: '30' },
      expected: { keepDays: 30 },
    },
    { args: ['--write-key=k', '--max-requests=5'], expected: { maxPerSecond: 5 } },
  ];
  for (const { args, env = {}, expected } of accepted) {
    it(`parses ${args.join(' ')} with ${JSON.stringify(env)}`, () => {
      assert.deepEqual(parseFlags(args, { env }), { ...DEFAULTS, ...expected });
    });
  }

  it('returns help and version whatever the other arguments are', () => {
    assert.equal(parseFlags(['--help'], { env: {} }), 'help');
    assert.equal(parseFlags(['--version', '--listen=x'], { env: {} }), 'version');
  });

  const refused = [
    { args: [], message: /--write-key KEY or set COLLECTOR_WRITE_KEY/ },
    { args: ['--write-key=k', '--store=postgres://a/b'], message: /--store must be clickhouse:/ },
    { args: ['--write-key=k', '--store=clickhouse://a'], message: /must end with .DATABASE/ },
    { args: ['--write-key=k', '--store=clickhouse://a/b-c'], message: /must end with .DATABASE/ },
    {
      args: ['--write-key=k', '--store=clickhouse://me:secret@a/b'],
      message: /^--store must not have a password: set COLLECTOR_STORE_PASSWORD or/,
    },
    {
      args: ['--write-key=k', '--store=clickhouse://a/b', '--database=x'],
      message: /--store or --database, not both/,
    },
    { args: ['--write-key=k', '--keep-events=0'], message: /--keep-events must be a whole number/ },
    { args: ['--write-key='], message: /^--write-key has no value\.\nSee kusk-collector --help/ },
    { args: ['--write-key= '], env: { COLLECTOR_WRITE_KEY: 'k' }, message: /has no value/ },
    { args: ['--write-key=k', '--database', ''], message: /^--database has no value/ },
    {
      args: ['--write-key=k', '--read-key='],
      env: { COLLECTOR_READ_KEY: 'r' },
      message: /^--read-key has no value/,
    },
    {
      args: ['--write-key=k', '--keep-events', ' '],
      env: { COLLECTOR_KEEP_EVENTS: '30' },
      message: /^--keep-events has no value/,
    },
    { args: ['--write-key=k', '--store='], message: /^--store has no value/ },
    { args: ['--write-key=k', '--keep-events=100000'], message: /from 1 to 99999, not "100000"/ },
    { args: ['--write-key=a:b'], message: /--write-key must be printable/ },
    { args: ['--write-key=k', '--read-key=a b'], message: /--read-key must be printable/ },
    { args: ['--write-key=k', '--listen=0.0.0.0:80'], message: /add --read-key KEY/ },
    { args: ['--write-key=k', '--listen=*:80'], message: /add --read-key KEY/ },
    { args: ['--write-key=k', '--listen=127.example.org:80'], message: /add --read-key KEY/ },
    {
      args: ['--write-key=k', '--public'],
      message: /^--public .*: add --read-key KEY or set COLLECTOR_READ_KEY\.$/,
    },
    { args: ['--write-key=k', '--public'], env: { COLLECTOR_READ_KEY: ' ' }, message: /--public/ },
    { args: ['--write-key=k', '--listen=8090'], message: /must be HOST:PORT/ },
    { args: ['--write-key=k', '--listen=127.0.0.1:65536'], message: /must be HOST:PORT/ },
    { args: ['--write-key=k', '--max-requests=0'], message: /whole number above 0/ },
    { args: ['--write-key=k', '--what'], message: /--what.*--help/s },
    { args: ['--write-key=k', 'more'], message: /more/ },
    { args: ['--listen'], message: /--listen/ },
    {
      args: ['--write-key=k'],
      env: { LOG_LEVEL: 'loud' },
      message: /LOG_LEVEL is "loud": write one of trace, debug/,
    },
  ];
  for (const { args, env = {}, message } of refused) {
    it(`refuses "${args.join(' ')}" with ${JSON.stringify(env)}`, () => {
      assert.throws(
        () => parseFlags(args, { env }),
        (error) =>
          (error instanceof FlagError || error instanceof StoreError) &&
          message.test(error.message),
      );
    });
  }
});
