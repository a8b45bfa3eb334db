import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { load } from 'js-yaml';
import { servedBy } from '../../../src/dashboard/model/openapi.ts';

const NOTHING = { hosts: [], paths: [] };
const API = new URL('../../../deploy/samples/api.yaml', import.meta.url);

describe('where an API is served', () => {
  const cases = [
    { title: 'an empty document', text: '', expected: NOTHING },
    { title: 'a text that is no document', text: 'x-kusk', expected: NOTHING },
    { title: 'JSON that is cut off', text: '{"paths":{"/a"', expected: NOTHING },
    {
      title: 'JSON of another form',
      text: '{"paths":[1],"x-kusk":7}',
      expected: { hosts: [], paths: ['0'] },
    },
    {
      title: 'JSON',
      text: '{"x-kusk":{"hosts":["a.example","*"]},"paths":{"/a":{},"/b/{id}":{}}}',
      expected: { hosts: ['a.example', '*'], paths: ['/a', '/b/{id}'] },
    },
    {
      title: 'hosts in a flow list',
      text: 'openapi: 3.0.2\nx-kusk:\n  hosts: ["*", \'b.example\', c.example]\npaths:\n  /a: {}\n',
      expected: { hosts: ['*', 'b.example', 'c.example'], paths: ['/a'] },
    },
    {
      title: 'hosts as items, before another member',
      text: 'x-kusk:\n  hosts:\n  - a.example\n  - "*.b.example"\n  path:\n    prefix: /x\npaths: {}\n',
      expected: { hosts: ['a.example', '*.b.example'], paths: [] },
    },
    {
      title: 'hosts with a comment and an anchor, which need a parser',
      text: 'x-kusk:\n  hosts:\n    - &one a.example # the first\n    - *one\n',
      expected: { hosts: ['a.example', 'a.example'], paths: [] },
    },
    {
      title: 'a flow mapping',
      text: 'x-kusk: {hosts: [a.example]}\npaths:\n  /a: {get: {}}\n',
      expected: { hosts: ['a.example'], paths: ['/a'] },
    },
    {
      title: 'paths in quotes, with comments, deeper ones below, and line ends of Windows',
      text: 'paths:\r\n  # all\r\n  "/a b":\r\n    get:\r\n      /no: 1\r\n  \'/c\' :\r\n  /d:e: {}\r\ninfo:\r\n  /x: 1\r\n',
      expected: { hosts: [], paths: ['/a b', '/c', '/d:e'] },
    },
  ];
  for (const { title, text, expected } of cases) {
    it(title, () => assert.deepEqual(servedBy(text), expected));
  }

  it('of the sample', () => {
    const { spec } = load(readFileSync(API, 'utf8')) as { spec: { spec: string } };
    assert.deepEqual(servedBy(spec.spec), {
      hosts: ['*'],
      paths: ['/greetings/{name}', '/farewells'],
    });
  });

  const MIB = 1_048_576;
  const hostile = [
    { title: 'blanks', text: `x-kusk:\n  hosts: [${' '.repeat(MIB)}` },
    { title: 'line ends', text: `x-kusk:\n  hosts:${'\n'.repeat(MIB)}paths:${'\n '.repeat(MIB)}` },
    { title: 'a path without end', text: `paths:\n  /${'a '.repeat(MIB)}` },
    { title: 'an indentation', text: `paths:\n${' '.repeat(MIB)}/a: {}\n` },
    { title: 'short paths', text: `paths:\n${'  /: \n'.repeat(MIB / 4)}` },
    { title: 'a deep block', text: `x-kusk:\n  hosts: ${'['.repeat(10_000)}` },
    { title: 'many aliases', text: `x-kusk:\n  hosts: &a [x]\n  b: [${'*a,'.repeat(2_000)}]` },
  ];
  for (const { title, text } of hostile) {
    it(`takes no longer for a megabyte of ${title}`, () => {
      const before = process.cpuUsage();
      servedBy(text);
      const { user } = process.cpuUsage(before);
      assert.ok(user < 2_000_000, `${user / 1000} ms`);
    });
  }
});
