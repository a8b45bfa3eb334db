import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { accept, refuse, startEndpoint } from '../../../lab/support/endpoint.ts';
import { eventually } from '../../../lab/support/eventually.ts';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import { ROOT } from '../../../lab/support/root.ts';
import { newHealth } from '../../../src/operator/observability/health.ts';
import { METRICS, metrics } from '../../../src/operator/observability/metrics.ts';
import { configMap } from '../config-map.ts';
import { startLeader } from '../running-leader.ts';

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

describe('an event that the endpoint refuses while it accepts others', () => {
  it('counts once as refused, and stays pending', async () => {
    await using endpoint = await startEndpoint();
    const refuseInstall = refuse(400);
    endpoint.behave((arrival, ...rest) => {
      const isRefused = arrival.body.includes('"event":"install"');
      (isRefused ? refuseInstall : accept)(arrival, ...rest);
    });
    const clock = fakeTime({ start: Date.parse('2026-11-23T12:00:00Z') });
    const leader = await startLeader({ clock, ledgers: configMap().store, endpoint });
    await eventually(async () => {
      await clock.pass(250);
      assert.equal(leader.health.delivered, 1);
      assert.equal(leader.health.refused, 1);
    });
    for (let hour = 0; hour < 3; hour += 1) await clock.pass(3_600_000);
    assert.equal(leader.health.refused, 1);
    assert.equal(leader.health.pending(), 1);
    const text = await metrics(leader.health).metrics();
    assert.match(text, /^kusk_telemetry_events_refused_total 1$/m);
    assert.equal(leader.lines.filter((line) => line.includes('refuses this event')).length, 1);
    await leader.end();
  });
});
