import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import type { Lease, LeaseSpec, LeaseStore } from '../../src/cluster/lease.ts';
import type { LedgerStore } from '../../src/cluster/ledger-map.ts';
import { recovery } from '../../src/cluster/recovery.ts';
import { type Config, parseConfig } from '../../src/operator/config.ts';
import { readConfigFile } from '../../src/operator/config-file.ts';
import type { KnownConsent } from '../../src/operator/part.ts';
import { keepSilent } from '../../src/operator/silence.ts';
import { newStatus } from '../../src/operator/status.ts';
import { tellAsElected } from '../../src/operator/telling.ts';
import { consentedAnew, firstLedger, type Ledger, withdrawn } from '../../src/record/ledger.ts';
import { readLedger, writeLedger } from '../../src/record/ledger-text.ts';
import { fakeTime } from '../support/fake-time.ts';
import { configMap } from './config-map.ts';
import { recorded, silent, unused } from './parts.ts';

const MINUTE = 60_000;

/** A Lease as the API server keeps it. */
function leaseStore() {
  let version = 0;
  let held: Lease | undefined;
  const put = async (spec: LeaseSpec) => {
    version += 1;
    held = { spec, resourceVersion: String(version), object: {} };
    return held;
  };
  const store: LeaseStore = { read: async () => held, create: put, write: put };
  return { store, holder: () => held?.spec.holderIdentity };
}

/** One process, whose phases follow each other by hand, and a ledger of consent on. */
function setup(t: TestContext, settings: Readonly<Record<string, string>> = {}) {
  const clock = fakeTime();
  const map = configMap();
  map.edit(writeLedger(firstLedger({ createdAt: 1_795_434_161, resourceVersion: '1' })));
  const leases = leaseStore();
  const { announce, lines } = recorded();
  const status = newStatus();
  const known: KnownConsent = { since: undefined };
  const environment = {
    ANALYTICS_ENDPOINT: 'http://127.0.0.1:9',
    ANALYTICS_WRITE_KEY: 'key',
    ...settings,
  };
  const config = parseConfig(readConfigFile('', 'none'), environment);
  const hooks: { afterRead?: (() => void) | undefined } = {};
  const ledgers: LedgerStore = {
    ...map.store,
    async read(signal) {
      const found = await map.store.read(signal);
      hooks.afterRead?.();
      return found;
    },
  };
  const options = {
    environment,
    request: silent,
    ledgers,
    leases: leases.store,
    identity: 'one',
    announce,
    status,
    known,
    time: clock.time,
    recovery: recovery({ time: clock.time, random: () => 0.5 }),
    random: () => 0.5,
    randomId: unused,
    onFatal: unused,
    consented: () => true,
    reportOptOut: false,
  };
  type Phase = (of: typeof options & { config: Config }, signal: AbortSignal) => Promise<void>;
  let end = async () => {};
  t.after(() => end());

  /** Ends the phase that was, and begins another one. */
  async function begin(phase: Phase, leaderElection = true): Promise<void> {
    await end();
    const stop = new AbortController();
    const ended = phase({ ...options, config: { ...config, leaderElection } }, stop.signal);
    end = async () => {
      stop.abort();
      // A lease is given back, with time.
      await clock.pass(0);
      await ended;
    };
    await clock.pass(100);
  }

  function ledger(): Ledger {
    const reading = readLedger(map.text() ?? '');
    assert.equal(reading.found, 'ledger');
    return (reading as { readonly ledger: Ledger }).ledger;
  }

  /** What another replica does. */
  const elsewhere = (change: (ledger: Ledger) => Ledger) => map.edit(writeLedger(change(ledger())));
  return { clock, map, leases, lines, status, hooks, begin, ledger, elsewhere };
}

describe('the end of consent', () => {
  it('is written as soon as it can be, after a 403 too', async (t) => {
    const { clock, map, begin, ledger } = setup(t);
    map.network.fails = new KubeStatusError(403, { reason: 'Forbidden' });
    await begin(keepSilent);
    await clock.pass(10 * MINUTE);
    assert.equal(ledger().consent, 'on');
    map.network.fails = undefined;
    await clock.pass(2 * MINUTE);
    assert.equal(ledger().consent, 'off');
  });

  it('is not forgotten where it could never be written', async (t) => {
    const { map, begin, ledger } = setup(t);
    const { since } = ledger();
    await begin(tellAsElected);
    assert.equal(ledger().since, since);
    map.network.fails = new KubeStatusError(503);
    await begin(keepSilent);
    map.network.fails = undefined;
    await begin(tellAsElected);
    assert.notEqual(ledger().since, since);
    assert.equal(ledger().kinds.API.baseline, true);
  });

  it('is no reason to begin anew where another replica already has', async (t) => {
    const { map, begin, ledger, elsewhere } = setup(t);
    await begin(tellAsElected);
    map.network.fails = new KubeStatusError(503);
    await begin(keepSilent);
    elsewhere((one) => ({ ...one, since: '2026-11-23T12:00:30.000Z' }));
    map.network.fails = undefined;
    await begin(tellAsElected);
    assert.equal(ledger().since, '2026-11-23T12:00:30.000Z');
  });
});

describe('a leader whose ledger says that telemetry is off', () => {
  for (const elected of [true, false]) {
    it(`lets others lead, and leads again once it is on, ${elected ? 'elected' : 'alone'}`, async (t) => {
      const { clock, leases, status, lines, hooks, begin, elsewhere } = setup(t);
      // Another replica, late to notice that it is on again, switches it off once this one has looked.
      hooks.afterRead = () => {
        hooks.afterRead = undefined;
        elsewhere((one) => withdrawn(one, '2026-11-23T12:00:30.000Z'));
      };
      await begin(tellAsElected, elected);
      assert.deepEqual([status.leading, status.idle], [false, true]);
      assert.equal(leases.holder(), elected ? '' : undefined);
      assert.ok(lines.some((line) => line.startsWith('another replica has switched')));

      elsewhere((one) => consentedAnew(one, '2026-11-23T12:01:00.000Z'));
      await clock.pass(10_000);
      assert.deepEqual([status.leading, status.idle], [true, false]);
      assert.equal(leases.holder(), elected ? 'one' : undefined);
    });
  }
});

describe('a setting that makes delivery impossible', () => {
  const settings = [
    { ANALYTICS_ENDPOINT: 'collector' },
    { HTTP_PROXY: 'tcp://127.0.0.1:9' },
    { ANALYTICS_WRITE_KEY: 'schlüssel' },
  ];
  for (const setting of settings) {
    it(`is said while telemetry is on, and the leader works: ${JSON.stringify(setting)}`, async (t) => {
      const { status, lines, begin } = setup(t, setting);
      await begin(tellAsElected);
      assert.deepEqual([status.leading, status.idle], [true, false]);
      assert.deepEqual(
        lines.filter((line) => line.startsWith('nothing can be delivered')),
        [
          'nothing can be delivered: events are kept. Correct the setting and restart the operator.',
        ],
      );
    });

    it(`is not worth a line while it is off: ${JSON.stringify(setting)}`, async (t) => {
      const { lines, begin } = setup(t, setting);
      await begin(keepSilent);
      assert.deepEqual(
        lines.filter((line) => line.startsWith('nothing can be delivered')),
        [],
      );
    });
  }
});
