import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { recovery } from '../../src/cluster/recovery.ts';
import { retry } from '../../src/cluster/retry.ts';
import { TemporaryDeliveryError } from '../../src/deliver/delivery-error.ts';
import { guard } from '../../src/operator/delivery.ts';
import { parseAddress } from '../../src/operator/observability/address.ts';
import { notifier } from '../../src/runtime/notifier.ts';
import { aborted, runAll } from '../../src/runtime/run.ts';
import { anEvent } from '../deliver/events.ts';

/** Whether a promise is settled. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  await turn();
  return settled;
}

describe('a notifier', () => {
  function setup() {
    const stop = new AbortController();
    const one = notifier();
    return { ...one, stop, notified: () => one.notified(stop.signal) };
  }

  it('makes a caller wait until it is notified', async () => {
    const { notified, notify } = setup();
    const wait = notified();
    assert.equal(await isSettled(wait), false);
    notify();
    await wait;
  });

  it('wakes all waiters, but no later caller', async () => {
    const { notified, notify } = setup();
    const waiting = [notified(), notified(), notified()];
    notify();
    await Promise.all(waiting);
    assert.equal(await isSettled(notified()), false);
  });

  it('without waiters, lets only the next caller pass', async () => {
    const { notified, notify } = setup();
    notify();
    notify();
    await notified();
    assert.equal(await isSettled(notified()), false);
  });

  it('forgets a notification on reset', async () => {
    const { notified, notify, reset } = setup();
    notify();
    reset();
    assert.equal(await isSettled(notified()), false);
  });

  it('wakes all waiters on abort', async () => {
    const { notified, stop } = setup();
    const waiting = [notified(), notified()];
    stop.abort();
    await Promise.all(waiting);
    await notified();
  });

  it('never loses a notification: a worker that waits for work does all of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 50 }), async (steps) => {
        const { notified, notify, stop } = setup();
        let work = 0;
        let done = 0;
        const worker = (async () => {
          while (!stop.signal.aborted) {
            await notified();
            const taken = work;
            await turn();
            done = taken;
          }
        })();
        for (const waits of steps) {
          work += 1;
          notify();
          if (waits) await turn();
        }
        for (let step = 0; step < 4; step += 1) await turn();
        assert.equal(done, work);
        stop.abort();
        await worker;
      }),
    );
  });
});

describe('guard', () => {
  it('sends nothing while sending is not allowed', async () => {
    const delivered: string[] = [];
    let allowed = false;
    const deliver = guard(
      async ({ messageId }) => void delivered.push(messageId),
      () => allowed,
    );
    await assert.rejects(deliver(anEvent({ messageId: 'a' })), TemporaryDeliveryError);
    allowed = true;
    await deliver(anEvent({ messageId: 'b' }));
    assert.deepEqual(delivered, ['b']);
  });

  it('rejects as the delivery does', async () => {
    const deliver = guard(
      async () => {
        throw new TemporaryDeliveryError('answered 500');
      },
      () => true,
    );
    await assert.rejects(deliver(anEvent()), { message: 'answered 500' });
  });
});

describe('runAll', () => {
  const untilAborted = (signal: AbortSignal) => aborted(signal);

  it('resolves when it is aborted', async () => {
    const stop = new AbortController();
    const running = runAll([untilAborted, untilAborted], stop.signal);
    assert.equal(await isSettled(running), false);
    stop.abort();
    await running;
  });

  it('aborts all when one ends', async () => {
    await runAll([untilAborted, async () => {}], new AbortController().signal);
  });

  it('aborts all when one fails, waits for them, and rejects with its error', async () => {
    let ended = false;
    const slow = async (signal: AbortSignal) => {
      await aborted(signal);
      await turn();
      ended = true;
      throw new Error('the second');
    };
    const fails = async () => {
      await turn();
      throw new Error('the first');
    };
    await assert.rejects(runAll([fails, slow], new AbortController().signal), {
      message: 'the first',
    });
    assert.ok(ended);
  });

  it('resolves if it is already aborted', async () => {
    await runAll([untilAborted], AbortSignal.abort());
  });
});

describe('retry', () => {
  function setup(failures: readonly Error[]) {
    const clock = fakeTime();
    const stop = new AbortController();
    const left = [...failures];
    const troubles: string[] = [];
    let attempts = 0;
    let successes = 0;
    const result = retry(
      async () => {
        attempts += 1;
        const failure = left.shift();
        if (failure) throw failure;
        return 'done';
      },
      {
        time: clock.time,
        recovery: recovery({ time: clock.time, random: () => 0.5 }),
        random: () => 0.5,
        onTrouble: (error) => troubles.push((error as Error).message),
        onSuccess: () => {
          successes += 1;
        },
        isFinal: (error) => (error as Error).message === 'final',
      },
      stop.signal,
    );
    result.catch(() => undefined);
    return { clock, stop, result, troubles, attempts: () => attempts, successes: () => successes };
  }

  it('returns the value of the first success', async () => {
    const { result, troubles, successes } = setup([]);
    assert.equal(await result, 'done');
    assert.deepEqual(troubles, []);
    assert.equal(successes(), 1);
  });

  it('retries after half a second at first, and reports the error', async () => {
    const { result, clock, troubles, attempts } = setup([new Error('a'), new Error('b')]);
    await clock.pass(249);
    assert.equal(attempts(), 1);
    await clock.pass(1);
    assert.equal(attempts(), 2);
    await clock.pass(500);
    assert.equal(await result, 'done');
    assert.deepEqual(troubles, ['a', 'b']);
  });

  it('pauses for a minute at most', async () => {
    const { clock, attempts } = setup(Array.from({ length: 1_000 }, () => new Error('a')));
    await clock.pass(3_600_000);
    assert.ok(attempts() > 3_600 / 60, String(attempts()));
  });

  it('does not retry after a final error', async () => {
    const { result, attempts } = setup([new Error('final')]);
    await assert.rejects(result, { message: 'final' });
    assert.equal(attempts(), 1);
  });

  it('rejects on abort, and leaves no timer', async () => {
    const { result, clock, stop } = setup([new Error('a'), new Error('b')]);
    await clock.pass(1);
    stop.abort();
    await assert.rejects(result, { name: 'AbortError' });
    assert.equal(clock.waiting(), 0);
  });
});

describe('an address', () => {
  const cases = [
    { text: ':8080', address: { host: undefined, port: 8080 } },
    { text: '127.0.0.1:8080', address: { host: '127.0.0.1', port: 8080 } },
    { text: '[::1]:8080', address: { host: '::1', port: 8080 } },
    { text: 'localhost:0', address: { host: 'localhost', port: 0 } },
    { text: ':65535', address: { host: undefined, port: 65_535 } },
    { text: '0', address: 'none' },
    { text: ':65536', address: undefined },
    { text: '8080', address: undefined },
    { text: '', address: undefined },
    { text: ':', address: undefined },
    { text: '::1:8080', address: undefined },
    { text: 'http://host:8080', address: undefined },
    { text: ':8080/metrics', address: undefined },
    { text: ':-1', address: undefined },
  ] as const;
  for (const { text, address } of cases) {
    it(`"${text}" is ${address === undefined ? 'invalid' : JSON.stringify(address)}`, () => {
      assert.deepEqual(parseAddress(text), address);
    });
  }
});
