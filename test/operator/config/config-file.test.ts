import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FileText, readConfigFile } from '../../../src/consent/config-file.ts';
import { consentIn } from '../../../src/operator/config/config.ts';

/** What a file alone decides. */
function decided(found: FileText, environment: Readonly<Record<string, string>> = {}) {
  const file = readConfigFile('kusk.yaml', found);
  const { on, decidedBy, problems } = consentIn({ file, optOuts: [], environment });
  return { on, decidedBy, problems };
}

describe('a configuration file that switches telemetry off', () => {
  const files = [
    'analytics: {enabled: false}',
    'analytics:\n  enabled: false\n',
    'analytics:\r\n  enabled: false\r\n',
    '\ufeffanalytics:\n  enabled: false\n',
    '{"analytics": {"enabled": false}}',
    'analytics: {enabled: False}',
    'analytics: {enabled: no}',
    'analytics: {enabled: No}',
    'analytics: {enabled: n}',
    'analytics: {enabled: off}',
    'analytics: {enabled: f}',
    'analytics: {enabled: 0}',
    'analytics: {enabled: 0.0}',
    'analytics: {enabled: "false"}',
    'analytics: {enabled: " FALSE "}',
    `analytics: {enabled: "'false'"}`,
    'analytics: {enabled: "0"}',
    'analytics: {enabled: null}',
    'analytics: {enabled: ~}',
    'analytics: {enabled: }',
    'analytics: {enabled: ""}',
    'analytics: {enable: false}',
    'analytics: {enable: "no"}',
    'analytics: {enabled: true, enable: false}',
    'analytics: {enabled: false, enable: true}',
    'logLevel: debug\nanalytics: {reportOptOut: true, enabled: off}',
  ];
  for (const text of files) {
    it(`is read: ${JSON.stringify(text)}`, () => {
      const { on, decidedBy, problems } = decided({ text });
      assert.deepEqual({ on, problems }, { on: false, problems: [] });
      assert.match(decidedBy, /^analytics\.enabled? in kusk\.yaml is /);
    });
  }
});

describe('a configuration file that leaves telemetry on', () => {
  const saysOn = [
    'analytics: {enabled: true}',
    'analytics: {enable: yes}',
    'analytics: {enabled: "on", enable: 1}',
  ];
  const saysNothing = [
    '',
    '\n',
    ' \n\t\n',
    '# all is commented out',
    '# all is\n# commented out\n',
    '# all is\r\n\r\n# commented out\r\n',
    '---\n',
    '\n---\n# nothing\n',
    '\ufeff',
    '{}',
    'logLevel: debug',
    'analytics: {}',
    'analytics: {endpoint: "https://collector.example", writeKey: abc, reportOptOut: false}',
  ];
  for (const text of saysOn) {
    it(`says so: ${JSON.stringify(text)}`, () => {
      const { on, decidedBy, problems } = decided({ text });
      assert.deepEqual({ on, problems }, { on: true, problems: [] });
      assert.match(decidedBy, /^analytics\.enabled? in kusk\.yaml is /);
    });
  }
  for (const text of saysNothing) {
    it(`has no effect: ${JSON.stringify(text)}`, () => {
      const { on, decidedBy, problems } = decided({ text });
      assert.deepEqual({ on, problems }, { on: true, problems: [] });
      assert.equal(decidedBy, 'default: no switch says off');
    });
  }
  it('has no effect if there is none', () => {
    assert.deepEqual(decided('none').problems, []);
    assert.equal(decided('none').on, true);
  });
});

describe('an invalid configuration file', () => {
  const notAMapping = 'kusk.yaml is not YAML with a mapping at its top: telemetry is off.';
  const cases: readonly (readonly [string, string])[] = [
    ['true', notAMapping],
    ['null', notAMapping],
    ['[]', notAMapping],
    ['- analytics: {enabled: true}', notAMapping],
    ['"analytics"', notAMapping],
    ['analytics: {enabled: true', notAMapping],
    ['analytics:\n\tenabled: true', notAMapping],
    ['analytics: {enabled: true}\nanalytics: {enabled: true}', notAMapping],
    ['analytics: {enabled: true}\n---\nanalytics: {enabled: true}', notAMapping],
    ['analytics: {enabled: !!js/function "x"}', notAMapping],
    ['\u0000', notAMapping],
    ['analytics:', 'analytics in kusk.yaml is not a mapping: telemetry is off.'],
    ['analytics: false', 'analytics in kusk.yaml is not a mapping: telemetry is off.'],
    ['analytics: true', 'analytics in kusk.yaml is not a mapping: telemetry is off.'],
    ['analytics: [enabled]', 'analytics in kusk.yaml is not a mapping: telemetry is off.'],
    ['Analytics: {enabled: true}', 'Analytics in kusk.yaml is not known: telemetry is off.'],
    ['enabled: true', 'enabled in kusk.yaml is not known: telemetry is off.'],
    ['__proto__: {analytics: {}}', '__proto__ in kusk.yaml is not known: telemetry is off.'],
    ['analytics: {Enabled: true}', 'analytics.Enabled in kusk.yaml is not known: telemetry is'],
    ['analytics: {disabled: false}', 'analytics.disabled in kusk.yaml is not known: telemetry'],
    ['analytics: {enabled: maybe}', 'analytics.enabled in kusk.yaml is "maybe", which is neither'],
    ['analytics: {enabled: 2}', 'analytics.enabled in kusk.yaml is 2, which is neither'],
    ['analytics: {enabled: []}', 'analytics.enabled in kusk.yaml is a list, which is neither'],
    ['analytics: {enabled: {}}', 'analytics.enabled in kusk.yaml is a mapping, which is neither'],
    ['analytics: {enabled: &a [*a]}', 'analytics.enabled in kusk.yaml is a list, which is neith'],
    ['analytics: {enabled: .nan}', 'analytics.enabled in kusk.yaml is NaN, which is neither'],
    ['analytics: {enable: nope}', 'analytics.enable in kusk.yaml is "nope", which is neither'],
  ];
  for (const [text, problem] of cases) {
    it(`is off and named: ${JSON.stringify(text)}`, () => {
      const { on, decidedBy, problems } = decided({ text });
      assert.equal(on, false);
      assert.match(decidedBy, /kusk\.yaml can't be understood$/);
      assert.equal(problems.length, 1);
      assert.ok(problems[0]?.startsWith(problem), problems[0]);
      assert.match(problems[0] ?? '', /Write /);
    });
  }

  it('is off if it cannot be read, with the reason', () => {
    const { on, problems } = decided({ error: 'EACCES' });
    assert.equal(on, false);
    assert.deepEqual(problems, ["kusk.yaml can't be read (EACCES): telemetry is off until it can"]);
  });

  it('is off, even if another switch is on', () => {
    assert.equal(decided({ text: 'analytics: [' }, { ANALYTICS_ENABLED: 'true' }).on, false);
    assert.equal(decided({ text: 'analitics: {}' }, { ANALYTICS_ENABLED: 'true' }).on, false);
  });

  it('is named along with the switch that decides', () => {
    const { on, decidedBy, problems } = decided({ text: '[]' }, { ANALYTICS_ENABLED: 'false' });
    assert.equal(on, false);
    assert.equal(decidedBy, 'ANALYTICS_ENABLED is "false"');
    assert.equal(problems.length, 1);
  });

  it('never shows the content of a file, except the name of a key', () => {
    const secret = 'the-write-key';
    const { problems } = decided({ text: `analytics: {writeKey: ${secret}, typo: ${secret}}` });
    assert.equal(problems.length, 1);
    assert.ok(!problems.join().includes(secret));
  });
});

describe('the environment and the file', () => {
  const on = { text: 'analytics: {enabled: true}' };
  const off = { text: 'analytics: {enabled: false}' };
  const nothing = { text: '{}' };
  const cases: readonly (readonly [Record<string, string>, FileText, boolean, string])[] = [
    [{ ANALYTICS_ENABLED: 'true' }, off, false, 'analytics.enabled in kusk.yaml is false'],
    [{ ANALYTICS_ENABLED: 'false' }, on, false, 'ANALYTICS_ENABLED is "false"'],
    [{ ANALYTICS_ENABLED: 'False' }, nothing, false, 'ANALYTICS_ENABLED is "False"'],
    [{ ANALYTICS_ENABLED: '0' }, 'none', false, 'ANALYTICS_ENABLED is "0"'],
    [{ ANALYTICS_ENABLED: 'no' }, 'none', false, 'ANALYTICS_ENABLED is "no"'],
    [{ ANALYTICS_ENABLED: '' }, 'none', false, 'ANALYTICS_ENABLED is ""'],
    [{ ANALYTICS_ENABLED: 'maybe' }, on, false, "ANALYTICS_ENABLED can't be understood"],
    [{ ANALYTICS_ENABLED: 'true' }, on, true, 'ANALYTICS_ENABLED is "true"'],
    [{ ANALYTICS_ENABLED: '1' }, 'none', true, 'ANALYTICS_ENABLED is "1"'],
    [{ DO_NOT_TRACK: '1' }, on, false, 'DO_NOT_TRACK is "1"'],
    [{ DO_NOT_TRACK: 'true' }, 'none', false, 'DO_NOT_TRACK is "true"'],
    [{ DO_NOT_TRACK: '1', ANALYTICS_ENABLED: 'true' }, on, false, 'DO_NOT_TRACK is "1"'],
    [{ DO_NOT_TRACK: 'please' }, on, false, "DO_NOT_TRACK can't be understood"],
    [{ DO_NOT_TRACK: '0' }, 'none', true, 'default: no switch says off'],
    [{ DO_NOT_TRACK: '' }, 'none', true, 'default: no switch says off'],
    [{ DO_NOT_TRACK: '0' }, off, false, 'analytics.enabled in kusk.yaml is false'],
    [{}, on, true, 'analytics.enabled in kusk.yaml is true'],
    [{}, nothing, true, 'default: no switch says off'],
  ];
  for (const [environment, file, expected, by] of cases) {
    const title = `${JSON.stringify(environment)} with ${JSON.stringify(file)}`;
    it(`the strictest wins: ${title} is ${expected ? 'on' : 'off'}`, () => {
      const { on: found, decidedBy } = decided(file, environment);
      assert.deepEqual({ on: found, decidedBy }, { on: expected, decidedBy: by });
    });
  }
});
