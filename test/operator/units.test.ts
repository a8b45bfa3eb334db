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

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  await turn();
  return settled;
}

describe('a gate', () => {
  function setup() {
    const stop = new AbortController();
    const one = notifier();
    return { ...one, stop, pass: () => one.notified(stop.signal) };
  }

  it('holds whoever comes until it is opened', async () => {
    const { pass, notify: open } = setup();
    const passed = pass();
    assert.equal(await isSettled(passed), false);
    open();
    await passed;
  });

  it('lets all pass who wait, and nobody who comes later', async () => {
    const { pass, notify: open } = setup();
    const waiting = [pass(), pass(), pass()];
    open();
    await Promise.all(waiting);
    assert.equal(await isSettled(pass()), false);
  });

  it('opened with none waiting lets the next pass, and only that one', async () => {
    const { pass, notify: open } = setup();
    open();
    open();
    await pass();
    assert.equal(await isSettled(pass()), false);
  });

  it('forgets when it is shut', async () => {
    const { pass, notify: open, reset: shut } = setup();
    open();
    shut();
    assert.equal(await isSettled(pass()), false);
  });

  it('holds nobody at the end', async () => {
    const { pass, stop } = setup();
    const waiting = [pass(), pass()];
    stop.abort();
    await Promise.all(waiting);
    await pass();
  });

  it('never loses an opening: whoever waits for work does it all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 50 }), async (steps) => {
        const { pass, notify: open, stop } = setup();
        let work = 0;
        let done = 0;
        const worker = (async () => {
          while (!stop.signal.aborted) {
            await pass();
            const taken = work;
            await turn();
            done = taken;
          }
        })();
        for (const waits of steps) {
          work += 1;
          open();
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
  it('lets nothing leave at a moment at which it is not allowed', async () => {
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

  it('fails as delivery does', async () => {
    const deliver = guard(
      async () => {
        throw new TemporaryDeliveryError('answered 500');
      },
      () => true,
    );
    await assert.rejects(deliver(anEvent()), { message: 'answered 500' });
  });
});

describe('together', () => {
  const untilAborted = (signal: AbortSignal) => aborted(signal);

  it('ends when it is aborted', async () => {
    const stop = new AbortController();
    const running = runAll([untilAborted, untilAborted], stop.signal);
    assert.equal(await isSettled(running), false);
    stop.abort();
    await running;
  });

  it('ends all when one ends', async () => {
    await runAll([untilAborted, async () => {}], new AbortController().signal);
  });

  it('ends all when one fails, waits for them, and fails as that one', async () => {
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

  it('begins nothing that goes on where the end has come already', async () => {
    await runAll([untilAborted], AbortSignal.abort());
  });
});

describe('persistently', () => {
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

  it('gives what the first success gives', async () => {
    const { result, troubles, successes } = setup([]);
    assert.equal(await result, 'done');
    assert.deepEqual(troubles, []);
    assert.equal(successes(), 1);
  });

  it('tries again after half a second at first, and says what the trouble is', async () => {
    const { result, clock, troubles, attempts } = setup([new Error('a'), new Error('b')]);
    await clock.pass(249);
    assert.equal(attempts(), 1);
    await clock.pass(1);
    assert.equal(attempts(), 2);
    await clock.pass(500);
    assert.equal(await result, 'done');
    assert.deepEqual(troubles, ['a', 'b']);
  });

  it('waits a minute at most', async () => {
    const { clock, attempts } = setup(Array.from({ length: 1_000 }, () => new Error('a')));
    await clock.pass(3_600_000);
    assert.ok(attempts() > 3_600 / 60, String(attempts()));
  });

  it('does not try again what no try will mend', async () => {
    const { result, attempts } = setup([new Error('final')]);
    await assert.rejects(result, { message: 'final' });
    assert.equal(attempts(), 1);
  });

  it('rejects at the end, and leaves nothing waiting', async () => {
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
    it(`"${text}" is ${address === undefined ? 'not understood' : JSON.stringify(address)}`, () => {
      assert.deepEqual(parseAddress(text), address);
    });
  }
});
