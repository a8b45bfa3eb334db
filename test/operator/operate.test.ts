import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { optionalFile, plainFile } from '../../lab/support/config-source.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import { recovery } from '../../src/cluster/recovery.ts';
import { readConfigFile } from '../../src/consent/config-file.ts';
import { parseConfig } from '../../src/operator/config/config.ts';
import { newHealth } from '../../src/operator/observability/health.ts';
import { operate } from '../../src/operator/operate.ts';
import { firstLedger } from '../../src/record/ledger.ts';
import { parseLedger, serializeLedger } from '../../src/record/ledger-json.ts';
import { configMap } from './config-map.ts';
import { leaseInMemory } from './leases.ts';
import { recorded, silent, unused } from './parts.ts';

const ON = 'analytics: {enabled: true}';
const OFF = 'analytics: {enabled: false, reportOptOut: false}';

/** Starts an operator that leads, with fake time and with files that the test changes. */
async function setup(t: TestContext) {
  const clock = fakeTime();
  const map = configMap();
  map.edit(serializeLedger(firstLedger({ createdAt: 1_795_434_161, resourceVersion: '1' })));
  const leases = leaseInMemory();
  const { log, lines } = recorded();
  const health = newHealth();
  const [config, optOut] = [plainFile(ON), optionalFile('enabled')];
  const environment = { ANALYTICS_ENDPOINT: 'http://127.0.0.1:9', ANALYTICS_WRITE_KEY: 'key' };
  const stop = new AbortController();
  const options = {
    config: parseConfig(readConfigFile('', 'none'), environment),
    configPath: config.path,
    optOutPaths: [optOut.path],
    environment,
    request: silent,
    ledgers: map.store,
    leases: leases.store,
    identity: 'one',
    log,
    health,
    time: clock.time,
    recovery: recovery({ time: clock.time, random: () => 0.5 }),
    random: () => 0.5,
    randomId: unused,
    onFatal: unused,
  };
  const ended = operate(options, stop.signal);
  t.after(async () => {
    stop.abort();
    await clock.pass(0);
    await ended;
    config[Symbol.dispose]();
    optOut[Symbol.dispose]();
  });

  /** Advances time until the assertion passes. Reading a file takes some real time. */
  async function until(holds: () => void): Promise<void> {
    await eventually(
      async () => {
        await clock.pass(1_000);
        holds();
      },
      { everyMs: 1 },
    );
  }

  function consent() {
    const reading = parseLedger(map.text() ?? '');
    return reading.found === 'ledger' ? reading.ledger.consent : undefined;
  }

  const linesWith = (start: string) => lines.filter((line) => line.startsWith(start)).length;
  await until(() => assert.equal(leases.holder(), 'one'));
  return { clock, map, leases, lines, health, config, optOut, until, consent, linesWith };
}

describe('an operator whose files change', () => {
  const ways = [
    { title: 'the configuration file', off: 'config' },
    { title: 'the opt-out file', off: 'optOut' },
  ] as const;
  for (const { title, off } of ways) {
    it(`switches telemetry off and on by ${title}`, async (t) => {
      const all = await setup(t);
      const { until, consent, linesWith, health, config, optOut } = all;
      const switchOff = () => (off === 'config' ? config.write(OFF) : optOut.write('false'));
      const switchOn = () => (off === 'config' ? config.write(ON) : optOut.remove());
      if (off === 'optOut') config.write('analytics: {reportOptOut: false}');
      for (let round = 1; round <= 3; round += 1) {
        switchOff();
        await until(() => assert.equal(consent(), 'off'));
        assert.equal(linesWith('telemetry is off'), round);
        assert.equal(health.consent, false);
        switchOn();
        await until(() => assert.equal(consent(), 'on'));
        assert.equal(health.consent, true);
      }
    });
  }

  it('keeps the lease until consent is off in the ledger', async (t) => {
    const { map, leases, config, until, consent, linesWith, clock } = await setup(t);
    map.network.fails = new KubeStatusError(503);
    config.write(OFF);
    await until(() => assert.equal(linesWith('telemetry is off'), 1));
    // Longer than the duration of a lease that is not renewed.
    const before = leases.renewals();
    await clock.pass(60_000);
    assert.ok(leases.renewals() > before + 5, String(leases.renewals() - before));
    assert.equal(leases.holder(), 'one');
    assert.equal(consent(), 'on');
    map.network.fails = undefined;
    await until(() => assert.equal(leases.holder(), ''));
    assert.equal(consent(), 'off');
  });

  it('does not log that another replica has switched telemetry off if it did so itself', async (t) => {
    const { config, until, linesWith, leases } = await setup(t);
    config.write(OFF);
    await until(() => assert.equal(leases.holder(), ''));
    assert.equal(linesWith('another replica'), 0);
  });
});
