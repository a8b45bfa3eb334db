import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../../../lab/support/root.ts';
import { newHealth } from '../../../src/operator/observability/health.ts';
import { METRICS, metrics } from '../../../src/operator/observability/metrics.ts';

const CHART = join(ROOT, 'charts/kusk-gateway');

describe('the table of metrics', () => {
  it('is what /metrics has', async () => {
    const text = await metrics(newHealth()).metrics();
    const lines = text.split('\n').filter((line) => line.startsWith('# '));
    assert.deepEqual(
      lines,
      METRICS.flatMap(({ name, help, type }) => [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
      ]),
    );
  });

  it('ends the name of each counter, and of nothing else, in _total', () => {
    for (const { name, type } of METRICS) assert.equal(name.endsWith('_total'), type === 'counter');
  });

  it('has each metric that the chart uses', async () => {
    const names = await readdir(CHART, { recursive: true });
    const files = names.filter((name) => /\.(json|yaml|mjs|tpl)$/.test(name));
    const texts = await Promise.all(files.map((name) => readFile(join(CHART, name), 'utf8')));
    const used = new Set(texts.join('\n').match(/\bkusk_telemetry_\w+/g));
    const known = new Set(METRICS.map(({ name }) => name));
    assert.ok(used.has('kusk_telemetry_last_delivery_timestamp_seconds'));
    assert.deepEqual(
      [...used].filter((name) => !known.has(name)),
      [],
    );
  });
});
