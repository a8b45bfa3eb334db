import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { countSessions, isCertainlyOn } from '../../src/dashboard/sessions.ts';
import {
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from '../../src/deliver/delivery-error.ts';
import type { TelemetryEvent } from '../../src/event.ts';
import { viewOf } from './views.ts';

const AWAY = () => new TemporaryDeliveryError('connection refused');

/** Sessions that run. `outcomes` are those of the first attempts; later ones are acknowledged. */
function setup(t: TestContext, { outcomes = [] as readonly (Error | undefined)[] } = {}) {
  const clock = fakeTime();
  const attempts: TelemetryEvent[] = [];
  const state = { isOn: true };
  let ids = 0;
  const sessions = countSessions({
    isOn: () => state.isOn,
    async deliver(event) {
      const outcome = outcomes[attempts.length];
      attempts.push(event);
      if (outcome !== undefined) throw outcome;
    },
    randomId() {
      ids += 1;
      return ids.toString(16).padStart(64, '0');
    },
    random: () => 0.999,
    time: clock.time,
  });
  const stop = new AbortController();
  const running = sessions.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });
  const states = () => sessions.all().map(({ state: one }) => one);
  return { sessions, attempts, clock, state, states };
}

describe('a browser session', () => {
  it('is sent once, with what its preview has shown', async (t) => {
    const { sessions, attempts, states } = setup(t);
    const preview = sessions.next();
    sessions.begin('a');
    sessions.begin('a');
    await turn();
    await turn();
    assert.deepEqual(attempts, [preview]);
    assert.deepEqual(states(), ['sent']);
    assert.deepEqual(
      { ...preview, messageId: '', anonymousId: '', userId: '' },
      {
        messageId: '',
        anonymousId: '',
        userId: '',
        event: 'kusk-dashboard',
        properties: { event: 'session' },
        timestamp: '2026-11-23T00:00:00.000Z',
      },
    );
  });

  it('shares no id with another one', async (t) => {
    const { sessions, attempts } = setup(t);
    for (const id of ['a', 'b', 'c']) sessions.begin(id);
    for (let i = 0; i < 9; i += 1) await turn();
    const ids = attempts.flatMap(({ messageId, anonymousId }) => [messageId, anonymousId]);
    assert.equal(attempts.length, 3);
    assert.equal(new Set(ids).size, 6);
  });

  it('is not counted while telemetry is off', async (t) => {
    const { sessions, attempts, state } = setup(t);
    state.isOn = false;
    sessions.begin('a');
    await turn();
    assert.deepEqual([attempts, sessions.all()], [[], []]);
  });

  it('is tried again with the same id while the endpoint is away', async (t) => {
    const { sessions, attempts, clock, states } = setup(t, { outcomes: [AWAY(), AWAY()] });
    sessions.begin('a');
    await turn();
    assert.deepEqual(states(), ['pending']);
    assert.equal(sessions.all()[0]?.reason, 'connection refused');
    await clock.pass(60_000);
    assert.equal(attempts.length, 3);
    assert.equal(new Set(attempts.map(({ messageId }) => messageId)).size, 1);
    assert.deepEqual(states(), ['sent']);
  });

  it('is dropped if telemetry is switched off before it is sent', async (t) => {
    const { sessions, attempts, clock, state, states } = setup(t, { outcomes: [AWAY()] });
    sessions.begin('a');
    await turn();
    state.isOn = false;
    await clock.pass(3_600_000);
    assert.equal(attempts.length, 1);
    assert.deepEqual(states(), ['dropped']);
  });

  it('is dropped after a refusal, and after eight attempts', async (t) => {
    const refusal = new PermanentDeliveryError('answered 401', { status: 401 });
    const refused = setup(t, { outcomes: [refusal] });
    refused.sessions.begin('a');
    await refused.clock.pass(3_600_000);
    assert.equal(refused.attempts.length, 1);
    assert.deepEqual(refused.states(), ['dropped']);

    const away = setup(t, { outcomes: Array.from({ length: 99 }, AWAY) });
    away.sessions.begin('a');
    await away.clock.pass(3_600_000);
    assert.equal(away.attempts.length, 8);
    assert.deepEqual(away.states(), ['dropped']);
  });

  it('of a page out of control does not flood the endpoint', async (t) => {
    const { sessions, attempts } = setup(t);
    for (let i = 0; i < 5_000; i += 1) sessions.begin(`id-${i}`);
    for (let i = 0; i < 9_000; i += 1) await turn();
    assert.ok(attempts.length <= 1_000);
    assert.ok(sessions.all().length <= 20);
  });

  it('is sent when the endpoint is back, however many began meanwhile', async (t) => {
    const { sessions, attempts, clock, states } = setup(t, { outcomes: [AWAY()] });
    for (let i = 0; i < 50; i += 1) sessions.begin(`id-${i}`);
    await turn();
    assert.deepEqual(new Set(states()), new Set(['pending']));
    await clock.pass(60_000);
    for (let i = 0; i < 200; i += 1) await turn();
    assert.equal(new Set(attempts.map(({ messageId }) => messageId)).size, 50);
    assert.deepEqual(
      states(),
      Array.from({ length: 20 }, () => 'sent'),
    );
  });

  it('says when it changes', async (t) => {
    const { sessions } = setup(t);
    const { signal } = new AbortController();
    const changed = sessions.changed(sessions.revision(), signal);
    sessions.begin('a');
    await changed;
    assert.ok(sessions.revision() > 0);
  });

  it('does not keep a waiter that is aborted', async (t) => {
    const { sessions } = setup(t);
    const stop = new AbortController();
    const changed = sessions.changed(sessions.revision(), stop.signal);
    stop.abort();
    await changed;
  });
});

describe('telemetry of a cluster', () => {
  for (const [name, isOn] of [
    ['on', true],
    ['no write key', true],
    ['off by the opt-out', false],
    ['rights missing', false],
    ['not installed', false],
    ['operator elsewhere', false],
    ['connecting', false],
    ['away', false],
    ['denied', false],
    ['partial', false],
  ] as const) {
    it(`is ${isOn ? '' : 'not '}certainly on: ${name}`, () => {
      assert.equal(isCertainlyOn(viewOf(name)), isOn);
    });
  }
});
