import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CONFIG_KEYS, readConfigFile } from '../../src/consent/config-file.ts';
import { consentIn } from '../../src/operator/config/config.ts';
import { optOutSwitch } from '../../src/operator/config/opt-out.ts';
import { type Helm, helmOf, VERSIONS } from './helm.ts';
import { find, render } from './rendered.ts';

const FILES = [
  '',
  '# nothing',
  '---\n',
  'logLevel: debug',
  'analytics: {}',
  'analytics: {enabled: true}',
  'analytics: {enable: on, endpoint: http://collector}',
  'analytics: {enabled: "1"}',
  'analytics: {enabled: no}',
  'analytics: {enabled: true, enable: off}',
  'analytics: {enabled:}',
  'analytics: {enabled: maybe}',
  'analytics: {enabled: []}',
  'analytics: false',
  'analytics: 0',
  'analytics: ""',
  'analytics:',
  'analytics: true',
  'analytics: []',
  'Analytics: {enabled: false}',
  'enabled: false',
  'analytics: {enabled: true}\nfoo: 1',
  'analytics: {enabledd: false}',
  'analytics: {disabled: true}',
  'analytics: {existingSecret: {name: keys}}',
  'Error: true',
  '[]',
  'telemetry off, please',
  ': [',
  ...CONFIG_KEYS.map((key) => key.replace(/^analytics\.(.*)$/, 'analytics: {$1: on}')),
];

const BLANKS = ['\u00a0', '\u2028', '\u3000', '\ufeff', '\v', '\n'];
const WORDS = ['on', 'off', 'maybe', ...BLANKS.map((blank) => `${blank}"true"${blank}`)];

const CASES = [
  ...FILES.map((value) => ({ key: 'config.yaml', value })),
  ...WORDS.map((value) => ({ key: 'ANALYTICS_ENABLED', value })),
];

const OPT_OUTS = [
  { map: null, says: '' },
  { map: {}, says: '' },
  { map: { data: { enabled: 'true', enable: 'no' } }, says: '' },
  { map: { binaryData: { enabled: base64('on', 'utf8') } }, says: '' },
  { map: { binaryData: { enabled: base64('true', 'utf16le') } }, says: 'enabled' },
  { map: { data: { enabled: 'maybe' } }, says: 'enabled' },
  { map: { data: { enable: 'true', off: '' } }, says: 'enable' },
];

function base64(text: string, encoding: BufferEncoding): string {
  return Buffer.from(text, encoding).toString('base64');
}

/** Whether the operator is on if the ConfigMap has only this. */
function isOnBy({ key, value }: (typeof CASES)[number]): boolean {
  const isFile = key === 'config.yaml';
  const { on } = consentIn({
    file: readConfigFile('config.yaml', { text: isFile ? value : '' }),
    optOuts: isFile ? [] : [optOutSwitch('/etc/kusk-gateway/ANALYTICS_ENABLED', { text: value })],
    environment: {},
  });
  return on;
}

for (const version of VERSIONS) {
  describe(`what the chart reads in a cluster, by ${version}`, () => {
    let helm: Helm;
    before(async () => {
      helm = await helmOf(version);
    });

    /** Returns what a template of the chart says of each case. */
    async function said(
      name: string,
      cases: readonly (object | null)[],
    ): Promise<readonly string[]> {
      const calls = cases.map((one) => {
        const given = JSON.stringify(JSON.stringify({ one }));
        return `{{ include "kusk-gateway.${name}" (fromJson ${given}).one | trim | toJson }}`;
      });
      const object = `{apiVersion: v1, kind: ConfigMap, metadata: {name: said}, data: [${calls.join(', ')}]}`;
      const objects = await render(helm, { values: JSON.stringify({ extraObjects: [object] }) });
      return Object.values(find(objects, 'ConfigMap', 'said').data ?? {});
    }

    it('is off if the operator is', async () => {
      const words = await said('saidIn', CASES);
      const found = CASES.map((one, index) => ({ ...one, on: words[index] !== 'off' }));
      assert.deepEqual(
        found,
        CASES.map((one) => ({ ...one, on: isOnBy(one) })),
      );
    });

    it('is off by an opt-out of any encoding, and by a misspelt one', async () => {
      const maps = OPT_OUTS.map(({ map }) => map);
      const words = await said('optedOutIn', maps);
      const expected = OPT_OUTS.map(({ says }) => says);
      assert.deepEqual(
        words.map((text) => text.split(' ')[0]),
        expected,
      );
    });
  });
}
