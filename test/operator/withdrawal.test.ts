import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { accept, refuse, startEndpoint } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import { WithdrawnElsewhere } from '../../src/operator/ownership.ts';
import { NewerLedger } from '../../src/operator/stored-ledger.ts';
import {
  firstLedger,
  type Ledger,
  restartConsent,
  withdrawConsent,
} from '../../src/record/ledger.ts';
import { parseLedger, serializeLedger } from '../../src/record/ledger-json.ts';
import { configMap } from './config-map.ts';
import { startLeader } from './running-leader.ts';

const BORN = 1_795_434_161;
const LATER = '2026-11-24T00:00:00.000Z';
const NEWER = '{"version":99}';
const FULL: Ledger = {
  ...firstLedger({ createdAt: BORN, resourceVersion: '1' }),
  installed: true,
  pending: Array.from({ length: 700 }, (_, index) => {
    return { name: 'api-created', subject: `uid-${index}`, at: BORN };
  }),
};

/** Starts a leader with 700 pending events that pauses for the endpoint's Retry-After of a minute. */
async function setup(t: TestContext) {
  const endpoint = await startEndpoint();
  t.after(() => endpoint.close());
  endpoint.behave(refuse(429, { 'Retry-After': '60' }));
  const clock = fakeTime();
  const map = configMap();
  map.edit(serializeLedger(FULL));
  const switches = { consented: true };
  const consented = () => switches.consented;
  const leader = await startLeader({ clock, ledgers: map.store, endpoint, consented });
  leader.ended.catch(() => undefined);
  t.after(leader.stop);
  await eventually(async () => {
    await clock.pass(250);
    assert.ok(leader.lines.some((line) => line.startsWith('the endpoint is unavailable')));
  });
  endpoint.behave(accept);
  const arrived = endpoint.arrivals.length;
  /** Asserts that no event was sent since. */
  const assertSilent = () => assert.equal(endpoint.arrivals.length, arrived);
  return { endpoint, clock, map, leader, switches, assertSilent };
}

describe('a leader with 700 events pending', () => {
  const changes = [
    {
      title: 'off',
      text: serializeLedger(withdrawConsent(FULL, LATER)),
      error: WithdrawnElsewhere,
    },
    {
      title: 'on again',
      text: serializeLedger(restartConsent(FULL, LATER)),
      error: WithdrawnElsewhere,
    },
    { title: 'of a newer version', text: NEWER, error: NewerLedger },
  ];
  for (const { title, text, error } of changes) {
    it(`sends none of them once the ledger is ${title}, found before it sends`, async (t) => {
      const { clock, map, leader, assertSilent } = await setup(t);
      map.edit(text);
      await clock.pass(61_000);
      await assert.rejects(leader.ended, error);
      assertSilent();
      assert.equal(map.text(), text);
    });

    it(`sends none of them once the ledger is ${title}, found when it writes`, async (t) => {
      const { clock, map, leader, assertSilent } = await setup(t);
      map.edit(text);
      // The outstanding heartbeat of the next day is written before the endpoint is tried again.
      clock.jump(24 * 3_600_000);
      await eventually(async () => {
        await clock.pass(500);
        await assert.rejects(Promise.race([leader.ended, Promise.resolve()]));
      });
      await assert.rejects(leader.ended, error);
      assertSilent();
      assert.equal(map.text(), text);
    });
  }

  it('sends all of them if the ledger is emptied, deleted or restored, and rewrites it', async (t) => {
    const older = { ...FULL, since: '2026-11-22T00:00:00.000Z', pending: [] };
    const changes: readonly ((map: ReturnType<typeof configMap>) => void)[] = [
      (map) => map.edit(undefined),
      (map) => map.remove(),
      (map) => map.edit(serializeLedger(older)),
    ];
    for (const change of changes) {
      const { clock, map, leader, endpoint } = await setup(t);
      change(map);
      await clock.pass(61_000);
      await eventually(async () => {
        await clock.pass(500);
        assert.equal(leader.health.pending(), 0);
      });
      const subjects = endpoint.accepted.filter((one) => one.properties.event === 'api-created');
      assert.equal(subjects.length, 700);
      leader.stop();
      await leader.ended;
      const reading = parseLedger(map.text() ?? '');
      assert.equal(reading.found === 'ledger' && reading.ledger.since, FULL.since);
    }
  });

  it('sends none of them while the ledger can not be read, and reports no failure of the endpoint', async (t) => {
    const { clock, map, leader, assertSilent } = await setup(t);
    await clock.pass(30_000);
    map.network.fails = new KubeStatusError(503);
    for (let count = 0; count < 120; count += 1) await clock.pass(1_000);
    await eventually(() =>
      assert.ok(leader.lines.includes('cannot read the ledger: trying again')),
    );
    assertSilent();
    const { failed } = leader.health;
    map.network.fails = undefined;
    await eventually(async () => {
      await clock.pass(1_000);
      assert.equal(leader.health.pending(), 0);
    });
    assert.equal(leader.health.failed, failed);
    const blamed = leader.lines.filter((line) => line.startsWith('the endpoint is unavailable'));
    assert.equal(blamed.length, 1, 'except for its Retry-After');
  });

  it('sends none of them after the abort, and leaves them in the ledger', async (t) => {
    const { map, leader, assertSilent } = await setup(t);
    leader.stop();
    await leader.ended;
    assertSilent();
    const reading = parseLedger(map.text() ?? '');
    const pending = reading.found === 'ledger' ? reading.ledger.pending : [];
    assert.equal(pending.filter(({ name }) => name === 'api-created').length, 700);
  });

  it('sends none of them while its files may say off, and all afterwards', async (t) => {
    const { clock, leader, switches, assertSilent } = await setup(t);
    switches.consented = false;
    await clock.pass(120_000);
    assertSilent();
    switches.consented = true;
    await eventually(async () => {
      await clock.pass(500);
      assert.equal(leader.health.pending(), 0);
    });
  });
});
