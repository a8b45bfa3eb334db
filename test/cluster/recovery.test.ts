import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeTime } from '../../lab/support/fake-time.ts';
import type { KubeRequest } from '../../src/cluster/connect.ts';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import { recovery } from '../../src/cluster/recovery.ts';
import { retryPause } from '../../src/cluster/retry-pause.ts';

const SECOND = 1_000;
const MINUTE = 60_000;
const refused = new Error('connect ECONNREFUSED');
const unavailable = new KubeStatusError(503);

/** An API server scripted by `server.responds`, and loops that retry until it responds. */
function setup({ random = 0.999 }: { readonly random?: number } = {}) {
  const clock = fakeTime();
  const stop = new AbortController();
  const server: { responds: 'well' | Error; requests: number } = { responds: 'well', requests: 0 };
  const options = { time: clock.time, random: () => random };
  const shared = recovery(options);
  const scripted: KubeRequest = async () => {
    server.requests += 1;
    if (server.responds !== 'well') throw server.responds;
    return {} as Awaited<ReturnType<KubeRequest>>;
  };
  const request = shared.track(scripted);
  const backoff = { baseMs: 500, capMs: 30 * SECOND, random: () => random };

  /** Retries until it has a response. With `refusal`, each attempt fails with it. */
  function loop(refusal?: Error) {
    const retry = retryPause({ backoff, recovery: shared, time: clock.time });
    const seen = { at: undefined as number | undefined, attempts: 0 };
    const own = refusal ? shared.track(async () => Promise.reject(refusal)) : request;
    const attempt = async () => {
      seen.attempts += 1;
      await own('/', { signal: stop.signal });
      retry.succeeded();
      seen.at = clock.time.steady();
    };
    const run = async () => {
      while (seen.at === undefined && !stop.signal.aborted) {
        await attempt().catch((error: unknown) => retry.failed(error, stop.signal));
      }
    };
    return { seen, ended: run() };
  }

  return { clock, server, shared, request, loop, stop };
}

describe('an API server after an outage', () => {
  for (const awayMs of [3 * SECOND, 10 * SECOND, MINUTE]) {
    it(`of ${awayMs / SECOND} s is detected by every loop within a second`, async () => {
      const { clock, server, loop } = setup();
      server.responds = refused;
      const loops = [loop(), loop(), loop(), loop()];
      await clock.pass(awayMs);
      server.responds = 'well';
      await clock.pass(SECOND);
      for (const { seen } of loops) assert.ok(seen.at, 'it was detected');
    });
  }

  it('is detected within a second even if it refuses all requests while it starts', async () => {
    const { clock, server, loop } = setup();
    server.responds = refused;
    const loops = [loop(), loop(), loop(), loop()];
    await clock.pass(4 * SECOND);
    for (const status of [403, 503, 401]) {
      server.responds = new KubeStatusError(status);
      await clock.pass(2 * SECOND);
    }
    server.responds = 'well';
    await clock.pass(SECOND);
    for (const { seen } of loops) assert.ok(seen.at, 'it was detected');
  });

  it('is probed by one loop at a time, and less often after some minutes', async () => {
    const { clock, server, loop } = setup();
    server.responds = refused;
    for (let count = 0; count < 20; count += 1) loop();
    await clock.pass(MINUTE);
    const before = server.requests;
    await clock.pass(30 * SECOND);
    assert.ok(server.requests - before <= 60 + 20 * 2, `${server.requests - before} in 30 s`);
    await clock.pass(2 * MINUTE);
    const later = server.requests;
    await clock.pass(MINUTE);
    assert.ok(server.requests - later <= 20 * 3, `${server.requests - later} in a minute`);
  });

  it('does not get the requests of all loops at the same moment', async () => {
    const { clock, server, shared, request, stop } = setup({ random: 0.5 });
    server.responds = 'well';
    const back = shared.pause(MINUTE, stop.signal);
    await clock.pass(0);
    await request('/', { signal: stop.signal });
    let over = false;
    void back.then(() => {
      over = true;
    });
    await clock.pass(49);
    assert.equal(over, false);
    await clock.pass(1);
    assert.equal(await back, true);
  });
});

describe('an API server that refuses', () => {
  it('is not retried faster than the backoff while it serves others', async () => {
    const { clock, request, loop, stop } = setup();
    const { seen } = loop(unavailable);
    for (let passed = 0; passed < 10 * MINUTE; passed += SECOND) {
      await request('/', { signal: stop.signal });
      await clock.pass(SECOND);
    }
    assert.ok(seen.attempts < 35, `${seen.attempts} attempts in ten minutes`);
  });

  it('is not retried faster than the backoff while it serves none', async () => {
    const { clock, server, loop } = setup();
    server.responds = unavailable;
    const { seen } = loop();
    await clock.pass(10 * MINUTE);
    assert.ok(seen.attempts < 30, `${seen.attempts} attempts in ten minutes`);
  });

  it('is not retried before the requested pause, even if it responds to others', async () => {
    const { clock, request, loop, stop } = setup();
    const busy = new KubeStatusError(429, { retryAfterMs: 20 * SECOND });
    const { seen } = loop(busy);
    await clock.pass(0);
    for (let passed = 0; passed < 19; passed += 1) {
      await request('/', { signal: stop.signal });
      await clock.pass(SECOND);
    }
    assert.equal(seen.attempts, 1);
  });

  for (const status of [400, 401, 403, 404, 429, 500, 502, 503, 504]) {
    it(`with a ${status} has not recovered`, async () => {
      const { clock, server, shared, request, stop } = setup();
      server.responds = new KubeStatusError(status);
      const back = shared.pause(MINUTE, stop.signal);
      await assert.rejects(request('/', { signal: stop.signal }));
      await clock.pass(MINUTE);
      assert.equal(await back, false);
    });
  }

  for (const status of [409, 410, 422]) {
    it(`with a ${status} has processed the request: it has recovered`, async () => {
      const { clock, server, shared, request, stop } = setup();
      server.responds = new KubeStatusError(status);
      const back = shared.pause(MINUTE, stop.signal);
      await assert.rejects(request('/', { signal: stop.signal }));
      await clock.pass(SECOND);
      assert.equal(await back, true);
    });
  }
});

describe('a pause until the API server is back', () => {
  it('ends when it is aborted, and leaves no timer', async () => {
    const { clock, server, loop, stop } = setup();
    server.responds = refused;
    const loops = [loop(), loop()];
    await clock.pass(SECOND);
    stop.abort();
    await Promise.all(loops.map(({ ended }) => ended));
    assert.equal(clock.waiting(), 0);
  });

  it('is not shortened when a caller aborts its own request', async () => {
    const { clock, shared } = setup();
    const own = AbortSignal.abort();
    const request = shared.track(async () => Promise.reject(own.reason));
    await assert.rejects(request('/', { signal: own }));
    const pause = shared.pause(MINUTE, new AbortController().signal);
    await clock.pass(MINUTE - 1);
    assert.equal(clock.waiting(), 1, 'nothing indicates an outage');
    await clock.pass(1);
    assert.equal(await pause, false);
  });
});
