import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type FileText, readConfigFile } from '../../../src/consent/config-file.ts';
import { consentIn } from '../../../src/operator/config/config.ts';
import { type OptOutText, optOutSwitch } from '../../../src/operator/config/opt-out.ts';

const PATH = '/etc/kusk-gateway-opt-out/enabled';
const KEY = '/etc/kusk-gateway/ANALYTICS_ENABLED';
const NAME = `enabled in ConfigMap kusk-gateway-opt-out (${PATH})`;

function decided(optOut: OptOutText, config: FileText = { text: 'analytics: {enabled: true}' }) {
  return consentIn({
    file: readConfigFile('kusk.yaml', config),
    optOuts: [optOutSwitch(PATH, optOut)],
    environment: {},
  });
}

describe('an opt-out file that switches telemetry off', () => {
  const texts = [
    'false',
    'false\n',
    'False\r\n',
    '\ufefffalse\n',
    ' "off" ',
    "'no'",
    '0',
    'N',
    'f',
  ];
  for (const text of [...texts, 'null', '~', '', '\n', '""']) {
    it(`says ${JSON.stringify(text)}`, () => {
      const decidedBy = `${NAME} is ${JSON.stringify(text)}`;
      assert.deepEqual(decided({ text }), { on: false, decidedBy, problems: [] });
    });
  }

  const invalid = [
    'flase',
    'enabled: false',
    'true false',
    'f\0a\0l\0s\0e\0',
    '\ufffd\ufffd',
    '{}',
  ];
  for (const text of invalid) {
    it(`is off and named if its value is invalid: ${JSON.stringify(text)}`, () => {
      const { on, decidedBy, problems } = decided({ text });
      assert.deepEqual({ on, decidedBy }, { on: false, decidedBy: `${NAME} can't be understood` });
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', /which is neither true nor false: telemetry is off/);
    });
  }

  it('is missing, but another key of its ConfigMap is there', () => {
    const { on, problems } = decided({ otherKeys: ['enable', 'x'] });
    assert.equal(on, false);
    assert.deepEqual(problems, [
      `${NAME} is missing, but enable is there: telemetry is off. Write the key enabled, or delete the ConfigMap.`,
    ]);
  });

  for (const error of ['EACCES', 'EISDIR', 'EIO', 'ELOOP', 'ENOTDIR', 'EFBIG']) {
    it(`is off and named if it cannot be read: ${error}`, () => {
      assert.deepEqual(decided({ error }), {
        on: false,
        decidedBy: `${NAME} can't be understood`,
        problems: [
          `${NAME} can't be read (${error}): telemetry is off until it can. Let the operator read it as a file, or delete it.`,
        ],
      });
    });
  }
});

describe('an opt-out file that leaves telemetry on', () => {
  for (const found of [{ error: 'ENOENT' }, 'none'] as const) {
    it(`has no effect if it is ${JSON.stringify(found)}`, () => {
      assert.deepEqual(decided(found, 'none'), {
        on: true,
        decidedBy: 'default: no switch says off',
        problems: [],
      });
    });
  }

  it('is on if it says so, and is named', () => {
    const decidedBy = `${NAME} is "true\\n"`;
    assert.deepEqual(decided({ text: 'true\n' }), { on: true, decidedBy, problems: [] });
  });

  it('is named by its path alone if it is no key of a ConfigMap', () => {
    const optOuts = [optOutSwitch('/home/ann/OPT_OUT', { text: 'true' })];
    const { decidedBy } = consentIn({
      file: readConfigFile('kusk.yaml', 'none'),
      optOuts,
      environment: {},
    });
    assert.equal(decidedBy, '/home/ann/OPT_OUT is "true"');
  });

  it('does not switch on what is off elsewhere', () => {
    const { on, decidedBy } = decided({ text: 'true' }, { text: 'analytics: {enabled: no}' });
    assert.equal(on, false);
    assert.match(decidedBy, /^analytics\.enabled in kusk\.yaml is /);
  });
});

/** The texts of a switch by their meaning. */
const WORDS = {
  on: ['true', 'True', ' yes\n', '"on"', '1', "'T'"],
  off: ['false', 'FALSE\n', 'no', "'off'", '0', 'n', ' null', '', '\n'],
  invalid: ['maybe', 'true, false', '2', '\ufffd', '-'],
};
type Meaning = keyof typeof WORDS | 'absent';

const word = (meaning: Meaning) =>
  meaning === 'absent' ? fc.constant(undefined) : fc.constantFrom(...WORDS[meaning]);
const said = fc
  .constantFrom<Meaning>('absent', 'on', 'off', 'invalid')
  .chain((meaning) => fc.record({ meaning: fc.constant(meaning), text: word(meaning) }));
const unreadable = fc
  .constantFrom('EACCES', 'EISDIR', 'EIO')
  .map((error): SwitchText => ({ meaning: 'invalid', text: undefined, error }));
type SwitchText = { meaning: Meaning; text: string | undefined; error?: string };

/** Returns a file with this content, or a missing file. */
function fileOf({ text, error }: SwitchText, wrap = (value: string) => value): FileText {
  if (error !== undefined) return { error };
  return text === undefined ? { error: 'ENOENT' } : { text: wrap(text) };
}

describe('all switches together', () => {
  it('are off if any of them is off or invalid, else on', () => {
    const configs = fc.record({ enabled: said, enable: said });
    const file = fc.oneof(said, unreadable);
    const all = fc.record({ optOut: file, key: file, variable: said, track: said });
    fc.assert(
      fc.property(all, configs, ({ optOut, key, variable, track }, { enabled, enable }) => {
        const analytics = { enabled: enabled.text, enable: enable.text };
        const consent = consentIn({
          file: readConfigFile('kusk.yaml', { text: JSON.stringify({ analytics }) }),
          optOuts: [optOutSwitch(PATH, fileOf(optOut)), optOutSwitch(KEY, fileOf(key))],
          environment: { ANALYTICS_ENABLED: variable.text, DO_NOT_TRACK: track.text },
        });
        // An empty DO_NOT_TRACK is an absent one, and one that says no asks for nothing.
        const tracked = track.meaning === 'absent' || track.meaning === 'off';
        const plain = [optOut, key, variable, enabled, enable];
        const on =
          tracked && plain.every(({ meaning }) => meaning === 'absent' || meaning === 'on');
        assert.equal(consent.on, on);
        assert.ok(consent.on || consent.decidedBy !== 'default: no switch says off');
      }),
      { numRuns: 2_000 },
    );
  });
});
