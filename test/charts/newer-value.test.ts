import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { defaultsText } from '../../tools/chart/defaults.ts';
import { readFormer } from '../../tools/chart/former.ts';
import { schemaText } from '../../tools/chart/schema.ts';
import { readValues } from '../../tools/chart/values.ts';
import { onCluster } from './cluster.ts';
import { decided } from './decided.ts';
import { CHART, VERSIONS } from './helm.ts';

/** The chart as it was first committed. */
const FIRST = join(import.meta.dirname, 'fixtures/first-chart.tgz');

const OFF = ['--set', 'analytics.enabled=false'];
const WAYS = [
  { title: '--reset-then-reuse-values --set analytics.enabled=false', off: true },
  { title: '--reuse-values --set analytics.enabled=false', off: true },
  { title: '--reuse-values', off: false },
  { title: '', off: false },
];

describe('an upgrade from the first chart to one with a newer value', () => {
  const cluster = onCluster();
  let chart: string;

  before(() => {
    chart = chartWithNewerValue();
  });
  after(() => rmSync(chart, { recursive: true }));

  for (const version of VERSIONS) {
    for (const [index, { title, off }] of WAYS.entries()) {
      it(`works by ${version} upgrade ${title}`.trim(), async () => {
        const namespace = `newer-${version}-${index}`;
        const helm = await cluster().helm(version);
        const release = ['kusk-gateway', '--namespace', namespace];
        const values = ['--set', 'crds.install=false'];
        await helm.run(['install', ...release, FIRST, '--create-namespace', ...values]);
        const args = title.split(' ').filter((arg) => arg.startsWith('--re'));
        await helm.run(['upgrade', ...release, chart, ...args, ...(off ? OFF : [])]);
        const { on, decidedBy } = await decided(cluster(), namespace);
        assert.equal(on, !off, decidedBy);
        const manifest = await helm.run(['get', 'manifest', ...release]);
        assert.match(manifest, /later: "?true"?/);
      });
    }
  }
});

/** A copy of the chart that has one more value, in a group that is new too, and needs it. */
function chartWithNewerValue(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-newer-'));
  cpSync(CHART, folder, { recursive: true });
  appendFileSync(join(folder, 'values.yaml'), '\nlater:\n  # Something new.\n  added: true\n');
  const values = readValues(readFileSync(join(folder, 'values.yaml'), 'utf8'));
  const former = readFormer(readFileSync(join(folder, 'files/former-values.yaml'), 'utf8'));
  writeFileSync(
    join(folder, 'values.schema.json'),
    schemaText(values, { title: 'Values of kusk-gateway', former }),
  );
  writeFileSync(join(folder, 'files/defaults.json'), defaultsText(values));
  const template = `{{- include "kusk-gateway.defaults" . }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: later
data:
  later: {{ .Values.later.added | toString | quote }}
`;
  writeFileSync(join(folder, 'templates/later.yaml'), template);
  return folder;
}
