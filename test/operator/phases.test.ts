import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { jsonBody } from '../../lab/support/json-body.ts';
import type { KubeRequest } from '../../src/cluster/connect.ts';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import type { LedgerStore } from '../../src/cluster/ledger-configmap.ts';
import { recovery } from '../../src/cluster/recovery.ts';
import { readConfigFile } from '../../src/consent/config-file.ts';
import { type Config, parseConfig } from '../../src/operator/config/config.ts';
import type { KnownConsent } from '../../src/operator/dependencies.ts';
import { runDisabled } from '../../src/operator/disabled.ts';
import { runEnabled } from '../../src/operator/enabled.ts';
import { newHealth } from '../../src/operator/observability/health.ts';
import {
  firstLedger,
  type Ledger,
  restartConsent,
  withdrawConsent,
} from '../../src/record/ledger.ts';
import { parseLedger, serializeLedger } from '../../src/record/ledger-json.ts';
import { configMap } from './config-map.ts';
import { leaseInMemory } from './leases.ts';
import { recorded, silent, unused } from './parts.ts';

const MINUTE = 60_000;

/** One process whose phases the test begins, and a ledger with consent on. */
function setup(t: TestContext, settings: Readonly<Record<string, string>> = {}) {
  const clock = fakeTime();
  const map = configMap();
  map.edit(serializeLedger(firstLedger({ createdAt: 1_795_434_161, resourceVersion: '1' })));
  const leases = leaseInMemory();
  const { log, lines } = recorded();
  const health = newHealth();
  const known: KnownConsent = { since: undefined };
  const environment = {
    ANALYTICS_ENDPOINT: 'http://127.0.0.1:9',
    ANALYTICS_WRITE_KEY: 'key',
    ...settings,
  };
  const config = parseConfig(readConfigFile('', 'none'), environment);
  const hooks: { afterRead?: (() => void) | undefined; copied?: boolean } = {};
  const ledgers: LedgerStore = {
    ...map.store,
    async read(signal) {
      const found = await map.store.read(signal);
      hooks.afterRead?.();
      return found && { ...found, copied: hooks.copied ?? false };
    },
  };
  /** The cluster's UID. A leader waits until it is set. */
  const cluster: { uid?: string } = {};
  const request = (async (path, of) =>
    cluster.uid !== undefined && path.endsWith('/kube-system')
      ? { headers: {}, body: jsonBody({ metadata: cluster }) }
      : await silent(path, of)) as KubeRequest;
  const options = {
    environment,
    request,
    ledgers,
    leases: leases.store,
    identity: 'one',
    log,
    health,
    known,
    time: clock.time,
    recovery: recovery({ time: clock.time, random: () => 0.5 }),
    random: () => 0.5,
    randomId: unused,
    onFatal: unused,
    consented: () => true,
    ended: new AbortController().signal,
    reportOptOut: false,
    onWritten: async () => {},
  };
  type Phase = (of: typeof options & { config: Config }, signal: AbortSignal) => Promise<void>;
  const fatal: unknown[] = [];
  let end = async () => {};
  t.after(() => end());

  /** Ends the current phase and begins another one. */
  async function begin(phase: Phase, leaderElection = true): Promise<void> {
    await end();
    const stop = new AbortController();
    const ended = phase({ ...options, config: { ...config, leaderElection } }, stop.signal).catch(
      (error) => void fatal.push(error),
    );
    end = async () => {
      stop.abort();
      // Releasing the lease takes time.
      await clock.pass(0);
      await ended;
    };
    await clock.pass(100);
  }

  function ledger(): Ledger {
    const reading = parseLedger(map.text() ?? '');
    assert.equal(reading.found, 'ledger');
    return (reading as { readonly ledger: Ledger }).ledger;
  }

  /** Acts as another replica. */
  const elsewhere = (change: (ledger: Ledger) => Ledger) =>
    map.edit(serializeLedger(change(ledger())));
  return {
    ...{ clock, map, leases, cluster, lines, health, hooks, known, fatal },
    ...{ begin, ledger, elsewhere },
  };
}

describe('a ledger that was never written', () => {
  for (const holder of [undefined, 'one', 'another']) {
    const isLed = holder === 'another';
    it(`is ${isLed ? 'left to the replica that leads' : 'written before anything else'} if the lease is held by ${holder ?? 'none'}`, async (t) => {
      const { map, leases, begin, ledger } = setup(t);
      const { signal } = new AbortController();
      map.edit(undefined);
      if (holder !== undefined) await leases.store.create({ holderIdentity: holder }, signal);
      await begin(runEnabled);
      if (isLed) assert.equal(map.text(), undefined);
      else assert.deepEqual([map.writes.length, ledger().consent], [1, 'on']);
    });
  }
});

describe('the end of consent', () => {
  it('is written as soon as possible, also after a 403', async (t) => {
    const { clock, map, begin, ledger } = setup(t);
    map.network.fails = new KubeStatusError(403, { reason: 'Forbidden' });
    await begin(runDisabled);
    await clock.pass(10 * MINUTE);
    assert.equal(ledger().consent, 'on');
    map.network.fails = undefined;
    await clock.pass(2 * MINUTE);
    assert.equal(ledger().consent, 'off');
  });

  it('is written without a pause though another replica writes at the same time', async (t) => {
    const { map, begin, hooks, ledger, elsewhere } = setup(t);
    let conflicts = 3;
    hooks.afterRead = () => {
      conflicts -= 1;
      if (conflicts >= 0) elsewhere((one) => ({ ...one, installed: true }));
    };
    await begin(runDisabled);
    assert.equal(ledger().consent, 'off');
    assert.equal(map.writes.length, 1);
  });

  it('takes effect at the next start of consent even if it was never written', async (t) => {
    const { map, begin, ledger } = setup(t);
    const { since } = ledger();
    await begin(runEnabled);
    assert.equal(ledger().since, since);
    map.network.fails = new KubeStatusError(503);
    await begin(runDisabled);
    map.network.fails = undefined;
    await begin(runEnabled);
    assert.notEqual(ledger().since, since);
    assert.equal(ledger().kinds.API.baseline, true);
  });

  it('does not begin a new consent if another replica has already begun one', async (t) => {
    const { map, begin, ledger, elsewhere } = setup(t);
    await begin(runEnabled);
    map.network.fails = new KubeStatusError(503);
    await begin(runDisabled);
    elsewhere((one) => ({ ...one, since: '2026-11-23T12:00:30.000Z' }));
    map.network.fails = undefined;
    await begin(runEnabled);
    assert.equal(ledger().since, '2026-11-23T12:00:30.000Z');
  });
});

describe('a ledger that is changed while telemetry is off', () => {
  type Change = (map: ReturnType<typeof configMap>, backup: string | undefined) => void;
  const changes: readonly (readonly [string, Change])[] = [
    ['restored', (map, backup) => map.edit(backup)],
    ['emptied', (map) => map.edit(undefined)],
    ['damaged', (map) => map.edit('{')],
  ];
  for (const [title, change] of changes) {
    it(`says off again within a minute if it was ${title}, and no event reports that`, async (t) => {
      const { clock, map, lines, begin, ledger } = setup(t);
      const backup = map.text();
      await begin(runEnabled);
      await begin(runDisabled);
      const { since } = ledger();
      change(map, backup);
      await clock.pass(MINUTE);
      assert.equal(ledger().consent, 'off');
      assert.ok(ledger().since > since);
      assert.equal(lines.filter((line) => line.includes('opt-out event')).length, 1);
    });

    it(`counts from the next list if it was ${title} just before telemetry is on again`, async (t) => {
      const { map, begin, ledger } = setup(t);
      const backup = map.text();
      await begin(runEnabled);
      await begin(runDisabled);
      const { since } = ledger();
      change(map, backup);
      await begin(runEnabled);
      assert.equal(ledger().consent, 'on');
      assert.ok(ledger().since > since);
      assert.equal(ledger().kinds.API.baseline, true);
    });
  }

  it('says off if it is created only then', async (t) => {
    const { clock, map, begin, ledger } = setup(t);
    map.remove();
    await begin(runDisabled);
    await clock.pass(2 * MINUTE);
    assert.equal(map.text(), undefined);
    assert.deepEqual(map.writes, []);
    map.edit(undefined);
    await clock.pass(MINUTE);
    assert.equal(ledger().consent, 'off');
  });

  it('is left with the consent that another replica has begun', async (t) => {
    const { clock, map, begin, elsewhere } = setup(t);
    await begin(runDisabled);
    elsewhere((one) => restartConsent(one, '2026-11-23T12:00:30.000Z'));
    const begun = map.text();
    await clock.pass(10 * MINUTE);
    assert.equal(map.text(), begun);
  });

  it('is read once a minute, and again after failures', async (t) => {
    const { clock, map, hooks, begin, ledger } = setup(t);
    const backup = map.text();
    await begin(runDisabled);
    let reads = 0;
    hooks.afterRead = () => {
      reads += 1;
    };
    await clock.pass(10 * MINUTE);
    assert.equal(reads, 10);
    map.network.fails = new KubeStatusError(503);
    await clock.pass(10 * MINUTE);
    map.network.fails = undefined;
    map.edit(backup);
    await clock.pass(MINUTE);
    assert.equal(ledger().consent, 'off');
  });
});

describe('the check of the ledger while telemetry is off', () => {
  type Change = (map: ReturnType<typeof configMap>) => void;
  const problems: readonly (readonly [string, Change])[] = [
    ['it can’t be read', (map) => Object.assign(map.network, { fails: new KubeStatusError(403) })],
    ['a newer program has written it', (map) => map.edit('{"version":99}')],
  ];
  for (const [title, change] of problems) {
    it(`is logged once if ${title}, and once when that is over`, async (t) => {
      const { clock, map, lines, begin } = setup(t);
      await begin(runDisabled);
      const before = lines.length;
      const off = map.text();
      change(map);
      await clock.pass(10 * MINUTE);
      assert.deepEqual(lines.slice(before), ['cannot read the ledger: trying again']);
      map.network.fails = undefined;
      map.edit(off);
      await clock.pass(2 * MINUTE);
      assert.deepEqual(lines.slice(before + 1), ['can read the ledger again']);
    });
  }

  it('logs nothing about a ledger that is damaged, and nothing about a write at the same time', async (t) => {
    const { clock, map, lines, hooks, begin, ledger } = setup(t);
    await begin(runDisabled);
    const before = lines.length;
    map.edit('{');
    hooks.afterRead = () => map.edit('{');
    await clock.pass(5 * MINUTE);
    hooks.afterRead = undefined;
    await clock.pass(MINUTE);
    assert.equal(ledger().consent, 'off');
    assert.deepEqual(lines.slice(before), []);
  });

  it('ends the operator if the program is at fault', async (t) => {
    const { clock, hooks, begin, fatal } = setup(t);
    await begin(runDisabled);
    hooks.afterRead = () => {
      throw new TypeError('a fault');
    };
    await clock.pass(MINUTE);
    assert.deepEqual(fatal, [new TypeError('a fault')]);
  });
});

describe('an older ledger that was restored', () => {
  const OUTDATED = /^the ledger is an old copy/;

  it('begins a new consent if a process leads that knows a later one', async (t) => {
    const { clock, map, lines, health, leases, cluster, begin, ledger } = setup(t);
    cluster.uid = 'here';
    const { signal } = new AbortController();
    const backup = map.text();
    await begin(runDisabled);
    await leases.store.create({ holderIdentity: 'another', leaseDurationSeconds: 15 }, signal);
    await begin(runEnabled);
    const { since } = ledger();
    map.edit(backup);
    assert.equal(health.leading, false);
    await clock.pass(MINUTE);
    assert.equal(health.leading, true);
    assert.ok(ledger().since > since);
    assert.equal(ledger().kinds.API.baseline, true);
    assert.equal(lines.filter((line) => OUTDATED.test(line)).length, 1);
  });

  it('does not let a replica lead that has seen that another one switched telemetry off', async (t) => {
    const { clock, map, health, hooks, begin, elsewhere } = setup(t);
    const backup = map.text();
    hooks.afterRead = () => {
      hooks.afterRead = undefined;
      elsewhere((one) => withdrawConsent(one, '2026-11-23T12:00:30.000Z'));
    };
    await begin(runEnabled);
    assert.deepEqual([health.leading, health.idle], [false, true]);
    map.edit(backup);
    await clock.pass(MINUTE);
    assert.deepEqual([health.leading, health.idle], [false, true]);
    assert.equal(map.text(), backup);
    elsewhere((one) => restartConsent(one, '2026-11-23T12:02:00.000Z'));
    await clock.pass(15_000);
    assert.deepEqual([health.leading, health.idle], [true, false]);
  });
});

describe('a ledger that was copied here', () => {
  for (const holder of ['another', '']) {
    it(`tells no change of consent, ${holder ? 'while another replica leads' : 'until the cluster is known'}`, async (t) => {
      const { clock, leases, health, hooks, known, begin } = setup(t);
      const { signal } = new AbortController();
      await leases.store.create({ holderIdentity: holder, leaseDurationSeconds: 15 }, signal);
      hooks.copied = true;
      await begin(runEnabled);
      await clock.pass(5_000);
      assert.equal(health.leading, holder === '');
      assert.equal(known.since, undefined);
    });
  }
});

describe('a leader whose ledger says that telemetry is off', () => {
  for (const elected of [true, false]) {
    it(`lets others lead, and leads again once it is on, ${elected ? 'elected' : 'alone'}`, async (t) => {
      const { clock, leases, health, lines, hooks, begin, elsewhere } = setup(t);
      // Another replica sees late that telemetry is on again, and switches it off after this one's read.
      hooks.afterRead = () => {
        hooks.afterRead = undefined;
        elsewhere((one) => withdrawConsent(one, '2026-11-23T12:00:30.000Z'));
      };
      await begin(runEnabled, elected);
      assert.deepEqual([health.leading, health.idle], [false, true]);
      assert.equal(leases.holder(), elected ? '' : undefined);
      assert.ok(lines.some((line) => line.startsWith('another replica has switched')));

      elsewhere((one) => restartConsent(one, '2026-11-23T12:01:00.000Z'));
      await clock.pass(10_000);
      assert.deepEqual([health.leading, health.idle], [true, false]);
      assert.equal(leases.holder(), elected ? 'one' : undefined);
    });
  }
});

describe('a ledger that forbids sending', () => {
  const NEWER = '{"version":99}';
  const repairs: readonly (readonly [string, (map: ReturnType<typeof configMap>) => void])[] = [
    ['deleted', (map) => map.remove()],
    ['emptied', (map) => map.edit(undefined)],
    ['damaged', (map) => map.edit('{')],
  ];
  for (const [title, repair] of repairs) {
    it(`because it is newer forbids it no longer once it is ${title}`, async (t) => {
      const { clock, map, health, lines, begin } = setup(t);
      map.edit(NEWER);
      await begin(runEnabled);
      await clock.pass(MINUTE);
      assert.deepEqual([health.leading, health.idle], [false, true]);
      assert.equal(lines.filter((line) => line.startsWith('nothing is sent')).length, 1);
      assert.equal(map.text(), NEWER);
      repair(map);
      await clock.pass(15_000);
      assert.deepEqual([health.leading, health.idle], [true, false]);
    });

    it(`because it is newer, while this replica leads, forbids it no longer once it is ${title}`, async (t) => {
      const { clock, map, health, hooks, begin } = setup(t);
      hooks.afterRead = () => {
        hooks.afterRead = undefined;
        map.edit(NEWER);
      };
      await begin(runEnabled);
      await clock.pass(MINUTE);
      assert.deepEqual([health.leading, health.idle], [false, true]);
      repair(map);
      await clock.pass(15_000);
      assert.deepEqual([health.leading, health.idle], [true, false]);
    });

    it(`because it says off forbids it no longer once it is ${title}`, async (t) => {
      const { clock, map, health, hooks, begin, elsewhere } = setup(t);
      hooks.afterRead = () => {
        hooks.afterRead = undefined;
        elsewhere((one) => withdrawConsent(one, '2026-11-23T12:00:30.000Z'));
      };
      await begin(runEnabled);
      assert.deepEqual([health.leading, health.idle], [false, true]);
      repair(map);
      await clock.pass(15_000);
      assert.deepEqual([health.leading, health.idle], [true, false]);
    });
  }

  it('because it is newer is overwritten with off once it is readable, if telemetry is off', async (t) => {
    const { clock, map, begin, ledger } = setup(t);
    const on = map.text();
    map.edit(NEWER);
    await begin(runDisabled);
    await clock.pass(MINUTE);
    assert.equal(map.text(), NEWER);
    map.edit(on);
    await clock.pass(15_000);
    assert.equal(ledger().consent, 'off');
  });
});

describe('a setting that makes delivery impossible', () => {
  const settings = [
    { ANALYTICS_ENDPOINT: 'collector' },
    { HTTP_PROXY: 'tcp://127.0.0.1:9' },
    { ANALYTICS_WRITE_KEY: 'schlüssel' },
  ];
  for (const setting of settings) {
    it(`is logged while telemetry is on, and the leader runs: ${JSON.stringify(setting)}`, async (t) => {
      const { health, lines, begin } = setup(t, setting);
      await begin(runEnabled);
      assert.deepEqual([health.leading, health.idle], [true, false]);
      assert.deepEqual(
        lines.filter((line) => line.startsWith('no event can be sent')),
        ['no event can be sent: events are kept. Correct the setting and restart the operator.'],
      );
    });

    it(`is not logged while telemetry is off: ${JSON.stringify(setting)}`, async (t) => {
      const { lines, begin } = setup(t, setting);
      await begin(runDisabled);
      assert.deepEqual(
        lines.filter((line) => line.startsWith('no event can be sent')),
        [],
      );
    });
  }
});
