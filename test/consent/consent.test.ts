import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideConsent } from '../../src/consent/consent.ts';

const YES = ['true', '1', 'yes', 'y', 't', 'on'];
const NO = ['false', '0', 'no', 'n', 'f', 'off', 'null', '~', ''];

/** Returns the ways in which users, shells, Helm and YAML write one word. */
function spellings(word: string): readonly string[] {
  const capital = word.charAt(0).toUpperCase() + word.slice(1);
  const cases = [word, word.toUpperCase(), capital];
  const wrapped = cases.flatMap((text) => [
    text,
    ` ${text}`,
    `${text}\t\r\n`,
    `"${text}"`,
    `'${text}'`,
    ` " '${text}' "`,
    `\ufeff${text}`,
  ]);
  return [...new Set(wrapped)];
}

const decide = (value: unknown) => decideConsent([{ name: 'the switch', value }]);
const decideInverted = (value: unknown) =>
  decideConsent([{ name: 'the switch', value, inverted: true }]);

describe('a switch', () => {
  for (const word of NO) {
    it(`is off if it says ${JSON.stringify(word)}, however that is written`, () => {
      for (const value of spellings(word)) {
        assert.deepEqual({ value, on: decide(value).on }, { value, on: false });
        assert.deepEqual(decide(value).problems, []);
      }
    });
  }

  for (const word of YES) {
    it(`is on if it says ${JSON.stringify(word)}, however that is written`, () => {
      for (const value of spellings(word)) {
        assert.deepEqual({ value, on: decide(value).on }, { value, on: true });
        assert.deepEqual(decide(value).problems, []);
      }
    });
  }

  const values: readonly (readonly [unknown, boolean])[] = [
    [true, true],
    [1, true],
    [1n, true],
    [false, false],
    [0, false],
    [-0, false],
    [0n, false],
    [null, false],
  ];
  for (const [value, on] of values) {
    it(`is ${on ? 'on' : 'off'} if it is the ${typeof value} ${String(value)}`, () => {
      assert.equal(decide(value).on, on);
      assert.deepEqual(decide(value).problems, []);
    });
  }

  it('is on if it is absent', () => {
    assert.deepEqual(decide(undefined), {
      on: true,
      decidedBy: 'default: no switch says off',
      problems: [],
    });
  });
});

describe('an invalid switch', () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['a word', 'maybe', '"maybe"'],
    ['a misspelt word', 'flase', '"flase"'],
    ['two words', 'true false', '"true false"'],
    ['a negation', '!true', '"!true"'],
    ['a template that was not filled in', '{{ .Values.on }}', '"{{ .Values.on }}"'],
    ['another number', 2, '2'],
    ['a negative number', -1, '-1'],
    ['no number', Number.NaN, 'NaN'],
    ['infinity', Number.POSITIVE_INFINITY, 'Infinity'],
    ['a big number', 2n ** 70n, '1180591620717411303424'],
    ['a list', [true], 'a list'],
    ['an empty list', [], 'a list'],
    ['a list that holds itself', cyclic, 'a list'],
    ['a mapping', { enabled: true }, 'a mapping'],
    [
      'a word behind a megabyte of blanks',
      `${' '.repeat(1_000_000)}true or`,
      `"${' '.repeat(39)}…`,
    ],
    ['a long text', 'x'.repeat(100), `"${'x'.repeat(39)}…`],
  ];
  for (const [title, value, shown] of cases) {
    it(`is off and named: ${title}`, () => {
      const problem = `the switch is ${shown}, which is neither true nor false: telemetry is off. Write true or false.`;
      const expected = { on: false, decidedBy: "the switch can't be understood" };
      assert.deepEqual(decide(value), { ...expected, problems: [problem] });
      assert.deepEqual(decideInverted(value), { ...expected, problems: [problem] });
    });
  }
});

describe('an inverted switch, as DO_NOT_TRACK is', () => {
  it('is off if it says yes', () => {
    for (const value of [...YES.flatMap(spellings), true, 1]) {
      assert.deepEqual({ value, on: decideInverted(value).on }, { value, on: false });
    }
  });

  it('has no effect if it says no or is absent', () => {
    for (const value of [...NO.flatMap(spellings), false, 0, null, undefined]) {
      assert.deepEqual(decideInverted(value), decide(undefined));
    }
  });
});

describe('a switch that cannot be read', () => {
  const unread = { name: 'U', value: undefined, problem: 'U is locked: telemetry is off.' };

  it('is off and named, even if another switch is on', () => {
    assert.deepEqual(decideConsent([unread, { name: 'A', value: 'true' }]), {
      on: false,
      decidedBy: "U can't be understood",
      problems: ['U is locked: telemetry is off.'],
    });
  });

  it('is off if it is inverted', () => {
    assert.equal(decideConsent([{ ...unread, inverted: true }]).on, false);
  });
});

describe('several switches', () => {
  const on = { name: 'A', value: 'true' };
  const off = { name: 'B', value: 'No' };
  const invalid = { name: 'C', value: 'maybe' };
  const absent = { name: 'D', value: undefined };
  const track = { name: 'E', value: '0', inverted: true };
  const doNotTrack = { name: 'F', value: '1', inverted: true };
  const cases = [
    { title: 'on alone is on', switches: [on, absent], on: true, by: 'A is "true"' },
    { title: 'off wins over on', switches: [on, off], on: false, by: 'B is "No"' },
    { title: 'off wins over on in any order', switches: [off, on], on: false, by: 'B is "No"' },
    { title: 'invalid wins over on', switches: [on, invalid], on: false, by: "C can't be under" },
    { title: 'off is the reason before invalid', switches: [invalid, off], on: false, by: 'B is ' },
    { title: 'do not track wins over on', switches: [on, doNotTrack], on: false, by: 'F is "1"' },
    { title: 'track does not win over off', switches: [track, off], on: false, by: 'B is "No"' },
    { title: 'track alone does not switch on', switches: [track], on: true, by: 'default' },
    { title: 'none at all is on', switches: [], on: true, by: 'default' },
  ];
  for (const { title, switches, on: expected, by } of cases) {
    it(title, () => {
      const consent = decideConsent(switches);
      assert.equal(consent.on, expected);
      assert.ok(consent.decidedBy.startsWith(by), consent.decidedBy);
      assert.equal(consent.problems.length, switches.includes(invalid) ? 1 : 0);
    });
  }

  it('name every invalid one', () => {
    const { problems } = decideConsent([invalid, off, { ...invalid, name: 'G' }]);
    assert.deepEqual(
      problems.map((problem) => problem.charAt(0)),
      ['C', 'G'],
    );
  });
});
