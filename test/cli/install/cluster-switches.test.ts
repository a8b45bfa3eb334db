import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clusterSwitches } from '../../../src/cli/install/cluster-switches.ts';
import { readVariables } from '../../../src/cli/install/container-variables.ts';
import { readConfigFile } from '../../../src/consent/config-file.ts';
import { decideConsent } from '../../../src/consent/consent.ts';
import { consentIn } from '../../../src/operator/config/config.ts';
import { optOutSwitch } from '../../../src/operator/config/opt-out.ts';
import { fakeApi } from './fake-api.ts';
import { anObject, NAMESPACE } from './fixtures.ts';

/** Everything in a cluster that may decide whether telemetry is on. */
interface Written {
  readonly optOut: string | undefined;
  /** Another key of the opt-out. */
  readonly misspelt: string | undefined;
  readonly key: string | undefined;
  readonly file: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
}

/** What `kusk` and its dashboard say. */
async function shown({ optOut, misspelt, key, file, variables }: Written) {
  const map = (name: string, data: Readonly<Record<string, string | undefined>>) =>
    anObject({ kind: 'ConfigMap', name, rest: { data: JSON.parse(JSON.stringify(data)) } });
  const container = {
    name: 'manager',
    image: 'image',
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
  };
  const { api } = fakeApi();
  return clusterSwitches({
    variables: await readVariables(container, {
      api,
      namespace: NAMESPACE,
      names: ['ANALYTICS_ENABLED', 'DO_NOT_TRACK'],
    }),
    optOut: map('kusk-gateway-opt-out', { enabled: optOut, enable: misspelt }),
    switches: map('gw', { ANALYTICS_ENABLED: key, 'config.yaml': file }),
    mapName: 'gw',
  });
}

/** What the operator decides. */
function decided({ optOut, misspelt, key, file, variables }: Written) {
  const textOf = (text: string | undefined) => (text === undefined ? 'none' : { text });
  const isMisspelt = optOut === undefined && misspelt !== undefined;
  return consentIn({
    file: readConfigFile('config.yaml in ConfigMap gw', { text: file ?? '' }),
    optOuts: [
      optOutSwitch(
        '/etc/kusk-gateway-opt-out/enabled',
        isMisspelt ? { otherKeys: ['enable'] } : textOf(optOut),
      ),
      optOutSwitch('/etc/kusk-gateway/ANALYTICS_ENABLED', textOf(key)),
    ],
    environment: variables,
  });
}

const NOTHING: Written = {
  optOut: undefined,
  misspelt: undefined,
  key: undefined,
  file: undefined,
  variables: {},
};

const value = fc.constantFrom(
  'true',
  'false',
  'No',
  '0',
  '1',
  'null',
  '~',
  '',
  '[]',
  'maybe',
  '"on"',
);
const inner = fc.constantFrom(
  'enabled',
  'enable',
  'Enabled',
  'disabled',
  'endpoint',
  'reportOptOut',
);
const entry = fc.tuple(inner, value).map(([name, text]) => `${name}: ${text}`);
const line = fc.oneof(
  fc.array(entry, { maxLength: 2 }).map((entries) => `analytics: {${entries.join(', ')}}`),
  fc
    .tuple(fc.constantFrom('analytics', 'Analytics', 'analytics.enabled', 'logLevel'), value)
    .map(([name, text]) => `${name}: ${text}`),
);
const file = fc.oneof(
  fc.array(line, { maxLength: 2 }).map((lines) => lines.join('\n')),
  fc.constantFrom('[]', 'false', 'off, please', '# nothing', '---\n', ' ', ': [', 'a: &a [*a]'),
);
const sometimes = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const written: fc.Arbitrary<Written> = fc.record({
  optOut: sometimes(value),
  misspelt: fc.option(value, { nil: undefined, freq: 1 }),
  key: sometimes(value),
  file: sometimes(file),
  variables: fc.dictionary(fc.constantFrom('ANALYTICS_ENABLED', 'DO_NOT_TRACK'), value, {
    maxKeys: 1,
  }),
});

describe('the switches of a cluster', () => {
  it('say what the operator decides, whatever is written into them', async () => {
    await fc.assert(
      fc.asyncProperty(written, async (one) => {
        const { on, decidedBy, problems } = decideConsent(await shown(one));
        const expected = decided(one);
        assert.deepEqual([on, problems.length], [expected.on, expected.problems.length]);
        assert.equal(isByFile(decidedBy), isByFile(expected.decidedBy));
      }),
      { numRuns: 2000 },
    );
  });

  const files = [
    'analytics.enabled: false',
    'Analytics: {enabled: false}',
    'analytics: {Enabled: false}',
    'analytics: {disabled: true}',
    '[]',
    'telemetry off, please',
  ];
  for (const text of files) {
    it(`say off if the file says ${text}`, async () => {
      const found = await shown({ ...NOTHING, file: text });
      const { on, decidedBy } = decideConsent(found);
      assert.deepEqual([on, isByFile(decidedBy)], [false, true]);
    });
  }
});

function isByFile(decidedBy: string): boolean {
  return decidedBy.includes('config.yaml');
}
