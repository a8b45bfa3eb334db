import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import { recovery } from '../../../src/cluster/recovery.ts';
import {
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from '../../../src/deliver/delivery-error.ts';
import { NotAllowedError } from '../../../src/operator/outbox/delivery.ts';
import { sendPending } from '../../../src/operator/outbox/send.ts';
import { firstLedger, PENDING_LIMIT } from '../../../src/record/ledger.ts';
import { openRecorder } from '../../../src/record/recorder.ts';
import { notifier } from '../../../src/runtime/notifier.ts';

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;
const CLUSTER = 'ab'.repeat(32);
const BORN = Date.parse('2026-11-23T11:00:00Z') / 1000;

/** What the endpoint does with an event: it accepts it by returning. */
type Receive = (messageId: string) => void | Promise<void>;

/** Starts a sender with fake time, and a fake endpoint that records the attempts. */
function setup({ receive = () => {} }: { receive?: Receive } = {}) {
  const clock = fakeTime();
  const stop = new AbortController();
  const endpoint = { receive, allowed: true };
  const attempts: { readonly at: number; readonly messageId: string }[] = [];
  const accepted: string[] = [];
  const states: string[] = [];
  const refusals: string[] = [];
  let failures = 0;
  let closed = 0;
  const enqueued = notifier();
  const recorder = openRecorder(firstLedger({ createdAt: BORN, resourceVersion: '1' }), {
    clusterId: CLUSTER,
    onChange: (change) => change === 'enqueued' && enqueued.notify(),
  });
  const ended = sendPending(
    {
      recorder,
      clusterId: CLUSTER,
      async deliver({ messageId }) {
        attempts.push({ at: clock.time.steady(), messageId });
        await endpoint.receive(messageId);
        accepted.push(messageId);
      },
      close: async () => {
        closed += 1;
      },
      allowed: () => endpoint.allowed,
      enqueued,
      time: clock.time,
      recovery: recovery({ time: clock.time, random: () => 0.5 }),
      random: () => 0.999_999,
      onFailed: () => {
        failures += 1;
      },
      onRefused: (messageId, error) => refusals.push(`${messageId}: ${error.message}`),
      onState: (state, error) => {
        states.push(error instanceof Error ? `${state}: ${error.message}` : state);
      },
    },
    stop.signal,
  );

  let made = 0;
  function create(count = 1): void {
    for (let index = 0; index < count; index += 1) {
      made += 1;
      const uid = `uid-${made}`;
      recorder.added({
        kind: 'API',
        uid,
        createdAt: BORN + made,
        resourceVersion: '2',
        seenAt: BORN + made,
      });
    }
  }

  /** Returns the times of the attempts, in milliseconds since the first. */
  const moments = () => {
    const all = [...new Set(attempts.map(({ at }) => at))];
    return all.map((at) => at - (all[0] ?? 0));
  };
  return {
    ...{
      clock,
      recorder,
      endpoint,
      attempts,
      accepted,
      states,
      refusals,
      enqueued,
      ended,
      create,
      moments,
    },
    stop: () => stop.abort(),
    failures: () => failures,
    closed: () => closed,
  };
}

const away: Receive = () => {
  throw new TemporaryDeliveryError('connection refused');
};
const refuse: Receive = () => {
  throw new PermanentDeliveryError('answered 400', { status: 400 });
};
const hang: Receive = () => new Promise(() => {});

describe('sending', () => {
  it('collects events for a quarter of a second, so that they are sent together', async () => {
    const { clock, create, accepted, attempts } = setup();
    create();
    await clock.pass(249);
    create();
    assert.equal(attempts.length, 0);
    await clock.pass(1);
    assert.equal(accepted.length, 2);
  });

  it('has no timer while nothing is pending', async () => {
    const { clock } = setup();
    await clock.pass(HOUR);
    assert.equal(clock.waiting(), 0);
  });

  it('has at most a thousand in flight, oldest first, and sends all', async () => {
    const pending: (() => void)[] = [];
    const { clock, create, accepted, attempts, recorder } = setup({
      receive: () => new Promise((resolve) => pending.push(resolve)),
    });
    create(2_500);
    const order = recorder.pending(2_500).map(({ subject }) => subject);
    for (const size of [1_000, 1_000, 500]) {
      await clock.pass(250);
      assert.equal(pending.length, size);
      for (const resolve of pending.splice(0)) resolve();
    }
    await clock.pass(250);
    assert.equal(accepted.length, 2_500);
    assert.equal(order[0], 'uid-1');
    assert.deepEqual(
      accepted,
      attempts.map(({ messageId }) => messageId),
    );
    assert.equal(recorder.unacknowledged(), 0);
  });

  it('reports no state while every event is accepted', async () => {
    const { clock, create, states } = setup();
    create(10);
    await clock.pass(HOUR);
    assert.deepEqual(states, []);
  });

  it('sends events after an idle time', async () => {
    const { clock, create, accepted } = setup();
    for (let hour = 1; hour <= 24; hour += 1) {
      await clock.pass(HOUR);
      create();
      await clock.pass(250);
      assert.equal(accepted.length, hour);
    }
  });
});

describe('an unavailable endpoint', () => {
  it('for a week: nothing is lost, each is accepted once, and there are two lines', async (t) => {
    const { clock, create, endpoint, accepted, states, attempts, recorder, failures } = setup({
      receive: away,
    });
    for (let hour = 0; hour < WEEK / HOUR; hour += 1) {
      create(50);
      await clock.pass(HOUR);
    }
    const tries = attempts.length;
    assert.equal(recorder.unacknowledged(), 8_400);
    assert.equal(failures(), tries);
    endpoint.receive = () => {};
    await clock.pass(61_000);
    assert.equal(accepted.length, 8_400);
    assert.equal(new Set(accepted).size, 8_400);
    assert.deepEqual(states, ['unavailable: connection refused', 'available']);
    // At most a minute apart, and one event each except for the first attempt.
    t.diagnostic(`${tries} attempts in a week`);
    assert.ok(tries > 10_000 && tries < 10_500, String(tries));
  });

  it('that later refuses the key is reported once more, also if the two alternate', async () => {
    const { clock, create, endpoint, states } = setup({ receive: away });
    create();
    await clock.pass(HOUR);
    const unauthorized: Receive = () => {
      throw new PermanentDeliveryError('answered 401', { status: 401 });
    };
    for (const receive of [unauthorized, away, unauthorized]) {
      endpoint.receive = receive;
      await clock.pass(3 * HOUR);
    }
    const expected = ['unavailable: connection refused', 'unavailable: answered 401'];
    assert.deepEqual(states, expected);
    endpoint.receive = () => {};
    await clock.pass(2 * HOUR);
    assert.deepEqual(states, [...expected, 'available']);
  });

  it('is retried after half a second, then after twice as long, up to a minute', async () => {
    const { clock, create, moments } = setup({ receive: away });
    create();
    await clock.pass(HOUR / 4);
    const gaps = moments().map(
      (at, index, all) => Math.round((at - (all[index - 1] ?? 0)) / 10) * 10,
    );
    assert.deepEqual(
      gaps.slice(1, 10),
      [750, 1250, 2250, 4250, 8250, 16_250, 32_250, 60_250, 60_250],
    );
  });

  it('is probed with one event until it is available', async () => {
    const { clock, create, attempts, endpoint, accepted } = setup({ receive: away });
    create(100);
    await clock.pass(250);
    assert.equal(attempts.length, 100);
    await clock.pass(750);
    assert.equal(attempts.length, 101);
    endpoint.receive = () => {};
    await clock.pass(1_250);
    assert.equal(accepted.length, 1);
    await clock.pass(250);
    assert.equal(accepted.length, 100);
  });

  it('is retried after short pauses again when it fails the next time', async () => {
    const { clock, create, endpoint, moments, states } = setup({ receive: away });
    create();
    await clock.pass(HOUR);
    endpoint.receive = () => {};
    await clock.pass(HOUR);
    endpoint.receive = away;
    const before = moments().length;
    create();
    await clock.pass(1_000);
    assert.equal(moments().length - before, 2);
    assert.deepEqual(states, [
      'unavailable: connection refused',
      'available',
      'unavailable: connection refused',
    ]);
  });

  it('is not retried before its Retry-After', async () => {
    const { clock, create, moments } = setup({
      receive: () => {
        throw new TemporaryDeliveryError('answered 429', { retryAfterMs: 30_000 });
      },
    });
    create();
    await clock.pass(HOUR);
    for (const [index, at] of moments().entries()) {
      if (index > 0) assert.ok(at - (moments()[index - 1] ?? 0) >= 30_000);
    }
  });

  it('is retried within an hour, whatever its Retry-After', async () => {
    const { clock, create, endpoint, accepted } = setup({
      receive: () => {
        throw new TemporaryDeliveryError('answered 503', { retryAfterMs: 365 * 24 * HOUR });
      },
    });
    create();
    await clock.pass(1_000);
    endpoint.receive = () => {};
    await clock.pass(HOUR + 1_000);
    assert.equal(accepted.length, 1);
  });

  it('is resolved about every five minutes after an hour in which its name was not found', async () => {
    const { clock, create, endpoint, attempts, accepted, moments } = setup({
      receive: () => {
        throw new TemporaryDeliveryError('host name not found', { unresolved: true });
      },
    });
    create();
    await clock.pass(HOUR);
    const inFirstHour = attempts.length;
    assert.ok(inFirstHour > 60, String(inFirstHour));
    await clock.pass(10 * HOUR);
    const later = attempts.length - inFirstHour;
    assert.ok(later > 90 && later <= 121, `${later} in ten hours`);
    const gaps = moments().map((at, index, all) => at - (all[index - 1] ?? 0));
    assert.ok(Math.min(...gaps.slice(-50)) >= 300_000);
    // A different failure, with the usual pauses.
    endpoint.receive = away;
    await clock.pass(10 * 60_000);
    const before = attempts.length;
    await clock.pass(10 * 60_000);
    assert.ok(attempts.length - before >= 9);
    endpoint.receive = () => {};
    await clock.pass(61_000);
    assert.equal(accepted.length, 1);
  });

  it('is retried after at most five minutes, whatever its Retry-After', async () => {
    const { clock, create, endpoint, accepted } = setup({
      receive: () => {
        throw new TemporaryDeliveryError('answered 503', { retryAfterMs: HOUR });
      },
    });
    create();
    await clock.pass(1_000);
    endpoint.receive = () => {};
    await clock.pass(301_000);
    assert.equal(accepted.length, 1);
  });

  it('does not delay the end', async () => {
    const { clock, create, stop, ended } = setup({
      receive: () => {
        throw new TemporaryDeliveryError('answered 503', {
          retryAfterMs: Number.POSITIVE_INFINITY,
        });
      },
    });
    create();
    await clock.pass(1_000);
    stop();
    await ended;
  });

  it('may accept some events of many: only the others are sent again', async () => {
    const { clock, create, endpoint, attempts, accepted } = setup();
    let count = 0;
    endpoint.receive = () => {
      count += 1;
      if (count % 2 === 0) throw new TemporaryDeliveryError('answered 500');
    };
    create(10);
    await clock.pass(250);
    assert.equal(accepted.length, 5);
    endpoint.receive = () => {};
    await clock.pass(10_000);
    assert.equal(accepted.length, 10);
    assert.equal(attempts.length, 15);
  });
});

/** An endpoint that fails over each event of more than so many at the same moment. */
function crowded(most: number, error: () => Error): Receive {
  let group = { size: 0 };
  return async () => {
    const own = group;
    own.size += 1;
    await Promise.resolve();
    group = { size: 0 };
    if (own.size > most) throw error();
  };
}

describe('an endpoint that fails over many events at a time', () => {
  const cases = [
    { title: 'after a while', error: () => new TemporaryDeliveryError('no response within 10 s') },
    {
      title: 'with a 403',
      error: () => new PermanentDeliveryError('answered 403', { status: 403 }),
    },
  ];
  for (const { title, error } of cases) {
    it(`${title} receives fewer together, all of them, and there are two lines`, async (t) => {
      const { clock, create, accepted, attempts, states } = setup({ receive: crowded(50, error) });
      create(3_000);
      await clock.pass(600_000);
      assert.equal(accepted.length, 3_000);
      assert.equal(new Set(accepted).size, 3_000);
      assert.deepEqual(states, [`unavailable: ${error().message}`, 'available']);
      t.diagnostic(`${attempts.length} attempts for 3,000 events`);
      assert.ok(attempts.length < 8_000, String(attempts.length));
    });
  }

  it('receives more of them again after some minutes, seldom if that fails', async () => {
    const { clock, create, endpoint, states, attempts } = setup({
      receive: crowded(50, () => new TemporaryDeliveryError('no response within 10 s')),
    });
    for (let minutes = 0; minutes < 6 * 60; minutes += 2) {
      create(100);
      await clock.pass(120_000);
    }
    assert.ok(states.length > 2 && states.length < 20, `${states.length} lines in six hours`);
    assert.equal(states.at(-1), 'available');
    endpoint.receive = () => {};
    await clock.pass(HOUR);
    create(9_000);
    const before = new Set(attempts.map(({ at }) => at)).size;
    await clock.pass(60_000);
    const passes = new Set(attempts.map(({ at }) => at)).size - before;
    assert.ok(passes < 20, `${passes} passes for 9,000 events`);
  });

  it('after it was away, is reported when it accepts as many as it can', async () => {
    const { clock, create, endpoint, accepted, states } = setup({ receive: away });
    create(1_000);
    await clock.pass(HOUR);
    endpoint.receive = crowded(50, () => new TemporaryDeliveryError('answered 503'));
    await clock.pass(90_000);
    assert.equal(accepted.length, 1_000);
    assert.deepEqual(states, ['unavailable: connection refused', 'available']);
  });

  it('is available if it refuses only the last event', async () => {
    const { clock, create, endpoint, states, refusals } = setup({ receive: away });
    create(2);
    await clock.pass(HOUR);
    let count = 0;
    endpoint.receive = (messageId) => {
      count += 1;
      if (count > 1) return refuse(messageId);
    };
    await clock.pass(61_000);
    assert.deepEqual(states, ['unavailable: connection refused', 'available']);
    assert.equal(refusals.length, 1);
  });

  it('over some events with a 500 receives all others soon after it was away', async () => {
    const { clock, create, endpoint, accepted, attempts } = setup({ receive: away });
    create(1_000);
    await clock.pass(HOUR);
    const bad = new Set([...new Set(attempts.map(({ messageId }) => messageId))].slice(0, 8));
    endpoint.receive = (messageId) => {
      if (bad.has(messageId)) throw new TemporaryDeliveryError('answered 500', { status: 500 });
    };
    await clock.pass(HOUR / 4);
    assert.equal(accepted.length, 992);
  });
});

/** An endpoint that decides about requests of up to 250 events, as the SDK sends them. */
function inRequests(receive: () => void): Receive {
  let request = { size: 0, error: undefined as unknown };
  return async () => {
    if (request.size % 250 === 0) {
      request = { size: 0, error: undefined };
      try {
        receive();
      } catch (error) {
        request.error = error;
      }
    }
    const own = request;
    own.size += 1;
    await Promise.resolve();
    request = { size: 0, error: undefined };
    if (own.error !== undefined) throw own.error;
  };
}

/** An endpoint of which every request with a multiple of this number fails. */
function oftenAway(every: number): Receive {
  let requests = 0;
  return inRequests(() => {
    requests += 1;
    if (requests % every === 0) throw new TemporaryDeliveryError('answered 503');
  });
}

describe('an endpoint that fails over a part of the requests, whatever they have', () => {
  for (const every of [3, 5]) {
    it(`receives 10,000 events in a minute if it fails over one of ${every}`, async () => {
      const { clock, create, accepted, states } = setup({ receive: oftenAway(every) });
      create(10_000);
      await clock.pass(60_000);
      assert.equal(accepted.length, 10_000);
      assert.equal(states.at(-1), 'available');
    });
  }

  it('receives many events together after hours with few', async () => {
    const { clock, create, accepted } = setup({ receive: oftenAway(5) });
    for (let seconds = 0; seconds < 7_200; seconds += 2) {
      create(3);
      await clock.pass(2_000);
    }
    create(9_000);
    await clock.pass(60_000);
    assert.equal(accepted.length, 3 * 3_600 + 9_000);
  });

  it('is sent as many as before after a 429, which is about the number of requests', async () => {
    const { clock, create, attempts, accepted } = setup({
      receive: crowded(50, () => new TemporaryDeliveryError('answered 429', { status: 429 })),
    });
    create(200);
    await clock.pass(60_000);
    const last = attempts.findLast(({ at }, index) => at === attempts[index - 1]?.at);
    const together = attempts.filter(({ at }) => at === last?.at).length;
    assert.ok(accepted.length < 150 && together > 50, `${together} after ${accepted.length}`);
  });
});

describe('a refusal', () => {
  it('is retried after at least 15 seconds, then less and less often', async () => {
    const { clock, create, moments, states } = setup({ receive: refuse });
    create();
    await clock.pass(24 * HOUR);
    const gaps = moments().map((at, index, all) => at - (all[index - 1] ?? 0));
    assert.ok((gaps[1] ?? 0) >= 15_000);
    assert.ok(moments().length < 40, `${moments().length} attempts in a day`);
    assert.ok(Math.max(...gaps) <= HOUR + 250);
    assert.deepEqual(states, ['unavailable: answered 400']);
  });

  it('loses nothing', async () => {
    const { clock, create, endpoint, accepted, states } = setup({ receive: refuse });
    create(3);
    await clock.pass(HOUR);
    endpoint.receive = () => {};
    await clock.pass(2 * HOUR);
    assert.equal(accepted.length, 3);
    assert.deepEqual(states, ['unavailable: answered 400', 'available']);
  });
});

describe('a second refusal', () => {
  it('has the same pauses as the first', async () => {
    const { clock, create, endpoint, moments } = setup({ receive: refuse });
    create();
    await clock.pass(12 * HOUR);
    endpoint.receive = () => {};
    await clock.pass(2 * HOUR);
    endpoint.receive = refuse;
    const before = moments().length;
    create();
    await clock.pass(31_000);
    assert.equal(moments().length - before, 2);
  });
});

describe('an event that may not be sent now', () => {
  it('is not sent, and is not counted as a failure of the endpoint', async () => {
    const { clock, create, endpoint, attempts, states, accepted, failures } = setup();
    endpoint.allowed = false;
    create(5);
    await clock.pass(60_000);
    assert.equal(attempts.length, 0);
    assert.deepEqual(states, []);
    assert.equal(failures(), 0);
    endpoint.allowed = true;
    await clock.pass(1_000);
    assert.equal(accepted.length, 5);
    assert.deepEqual(states, []);
  });
});

describe('an event that the ledger does not allow', () => {
  it('is tried less and less often, and is not counted as a failure of the endpoint', async () => {
    const { clock, create, endpoint, moments, states, accepted, failures } = setup({
      receive: () => {
        throw new NotAllowedError();
      },
    });
    create(3);
    await clock.pass(HOUR);
    assert.ok(moments().length > 60 && moments().length < 75, String(moments().length));
    assert.deepEqual(states, []);
    assert.equal(failures(), 0);
    endpoint.receive = () => {};
    await clock.pass(61_000);
    assert.equal(accepted.length, 3);
    assert.deepEqual(states, []);
  });
});

describe('the end', () => {
  it('comes immediately if nothing is pending', async () => {
    const { clock, stop, ended, closed } = setup();
    await clock.pass(1_000);
    stop();
    await ended;
    assert.equal(closed(), 1);
  });

  it('sends no further event, as the ledger keeps the pending ones', async () => {
    const { clock, create, stop, ended, attempts, recorder, closed } = setup();
    create(2_500);
    await clock.pass(100);
    stop();
    await ended;
    assert.equal(attempts.length, 0);
    assert.equal(recorder.unacknowledged(), 2_500);
    assert.equal(closed(), 1);
  });

  it('waits for the responses to requests in flight, and sends nothing afterwards', async () => {
    const responses: (() => void)[] = [];
    const { clock, create, stop, ended, attempts, recorder, closed } = setup({
      receive: () => new Promise((resolve) => responses.push(resolve)),
    });
    create(1_500);
    await clock.pass(250);
    stop();
    await clock.pass(2_000);
    assert.equal(closed(), 0);
    for (const respond of responses) respond();
    await ended;
    assert.equal(attempts.length, 1_000);
    assert.equal(recorder.unacknowledged(), 500);
  });

  it('comes within five seconds, even while a request is in flight', async () => {
    const { clock, create, stop, ended, closed } = setup({ receive: hang });
    create();
    await clock.pass(300);
    stop();
    await clock.pass(4_999);
    assert.equal(closed(), 0);
    await clock.pass(1);
    assert.equal(closed(), 1);
    void ended;
  });

  it('makes no further attempt if the endpoint is unavailable, and reports nothing', async () => {
    const { clock, create, stop, ended, attempts, states } = setup({ receive: away });
    create();
    await clock.pass(60_000);
    const before = attempts.length;
    stop();
    await ended;
    assert.equal(attempts.length - before, 0);
    assert.deepEqual(states, ['unavailable: connection refused']);
  });

  it('sends no further event if telemetry was switched off', async () => {
    const { clock, create, stop, ended, attempts, endpoint, closed } = setup();
    create(3);
    await clock.pass(100);
    endpoint.allowed = false;
    stop();
    await ended;
    assert.equal(attempts.length, 0);
    assert.equal(closed(), 1);
  });

  it('comes immediately if telemetry was switched off, even while a request is in flight', async () => {
    const { clock, create, stop, endpoint, closed } = setup({ receive: hang });
    create();
    await clock.pass(300);
    endpoint.allowed = false;
    stop();
    await clock.pass(0);
    assert.equal(closed(), 1);
  });

  it('leaves no timer', async () => {
    const { clock, create, stop, ended } = setup();
    create(3);
    await clock.pass(1_000);
    stop();
    await ended;
    assert.equal(clock.waiting(), 1, 'only the deadline of the response');
  });
});

describe('a full recorder', () => {
  it('is emptied completely', async () => {
    const { clock, create, accepted, recorder } = setup();
    create(PENDING_LIMIT);
    assert.equal(recorder.capacity(), 0);
    await clock.pass(10 * 250);
    assert.equal(accepted.length, PENDING_LIMIT);
    assert.equal(recorder.capacity(), PENDING_LIMIT);
  });
});
