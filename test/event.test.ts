import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CATALOGUE, CLI_COMMANDS, CREATED, catalogued, isLater, KINDS } from '../src/event.ts';

describe('the catalogue', () => {
  it('contains the events of the seven numbers, and no others', () => {
    const events = CATALOGUE.map(({ number, source, name }) => `${number} ${source} ${name}`);
    assert.deepEqual(events, [
      '1 kusk-cli install',
      '2 kusk-cli cluster install',
      '2 kusk-cli cluster upgrade',
      '2 kusk-cli cluster uninstall',
      '2 kusk-cli dashboard',
      '3 kusk-gateway install',
      '4 kusk-gateway heartbeat',
      '5 kusk-gateway analytics-disabled',
      '5 kusk-cli analytics-disabled',
      '6 kusk-dashboard session',
      '7 kusk-gateway api-created',
      '7 kusk-gateway static-route-created',
      '7 kusk-gateway envoy-fleet-created',
    ]);
  });

  it('has each event once', () => {
    const names = CATALOGUE.map(({ source, name }) => `${source}/${name}`);
    assert.equal(new Set(names).size, names.length);
  });

  it('states for each when it is sent, why, and what it is counted by', () => {
    for (const { name, when, why, countedOncePer } of CATALOGUE) {
      for (const sentence of [when, why]) assert.match(sentence, /^[A-Z`].+\.$/s, name);
      assert.notEqual(countedOncePer, '', name);
    }
  });

  it('states for each creation which resource it is', () => {
    for (const kind of KINDS) {
      const entry = catalogued('kusk-gateway', CREATED[kind]);
      assert.match(entry?.when ?? '', new RegExp(`creates an? ${kind}\\.`));
    }
  });

  it('names a command without its arguments', () => {
    for (const command of CLI_COMMANDS) {
      assert.match(command, /^[a-z]+( [a-z]+)?$/);
      assert.ok(catalogued('kusk-cli', command)?.when.includes(`kusk ${command}`));
    }
  });

  const unknown = [
    ['kusk-gateway', 'session'],
    ['kusk-cli', 'heartbeat'],
    ['kusk-dashboard', 'install'],
    ['', ''],
    ['kusk-gateway', 'constructor'],
  ] as const;
  for (const [source, name] of unknown) {
    it(`does not contain ${source}/${name}`, () => {
      assert.equal(catalogued(source, name), undefined);
    });
  }

  it('finds each of its events', () => {
    for (const entry of CATALOGUE) assert.equal(catalogued(entry.source, entry.name), entry);
  });
});

describe('isLater', () => {
  const cases = [
    { one: '10', than: '9', later: true },
    { one: '9', than: '10', later: false },
    { one: '9', than: '9', later: false },
    { one: '9007199254740993', than: '9007199254740992', later: true },
    { one: 'abc', than: '1', later: false },
    { one: '2', than: 'abc', later: false },
    { one: '2', than: '', later: false },
    { one: '2.5', than: '1', later: false },
    { one: '2\n', than: '1', later: false },
  ];
  for (const { one, than, later } of cases) {
    it(`returns that ${JSON.stringify(one)} is ${later ? '' : 'not '}later than ${JSON.stringify(than)}`, () => {
      assert.equal(isLater(one, than), later);
    });
  }

  it('compares as numbers of any length', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n }), fc.bigInt({ min: 0n }), (a, b) => {
        assert.equal(isLater(String(a), String(b)), a > b);
      }),
    );
  });

  it('never throws, for any text', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => void isLater(a, b)));
  });
});
