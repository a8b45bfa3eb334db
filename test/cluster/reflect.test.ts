import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { jsonBody } from '../../lab/support/json-body.ts';
import type { KubeRequest } from '../../src/cluster/connect.ts';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import type { ListSink } from '../../src/cluster/list-sink.ts';
import { recovery } from '../../src/cluster/recovery.ts';
import { reflect } from '../../src/cluster/reflect.ts';
import { sightingReader } from '../../src/cluster/sighting-reader.ts';
import type { WatchMonitor, WatchSink } from '../../src/cluster/watch-sink.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PATH = '/apis/gateway.kusk.io/v1alpha1/apis';
const V1_PATH = '/apis/gateway.kusk.io/v1/apis';

/** The server's side of a watch. */
interface Watch {
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  readonly body: PassThrough;
  readonly send: (type: string, uid: string, resourceVersion: string) => Promise<void>;
  readonly end: () => Promise<void>;
}

function metadata(uid: string, resourceVersion: string) {
  return { metadata: { uid, resourceVersion, creationTimestamp: '2026-11-23T12:00:00Z' } };
}

function listSink(onComplete: (count: number) => void): ListSink {
  let count = 0;
  return {
    take(sightings) {
      count += sightings.length;
    },
    async complete() {
      onComplete(count);
      return true;
    },
  };
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Ends a watch with a 410 in the wording of the API server. */
function expire({ body }: Watch, message: string): void {
  const object = { kind: 'Status', code: 410, reason: 'Expired', message };
  body.write(`${JSON.stringify({ type: 'ERROR', object })}\n`);
}

interface SetupOptions {
  readonly start: string | undefined;
  readonly exists?: boolean;
  /** How far the server's clock is ahead of the local one. */
  readonly aheadMs?: number;
}

/** Follows one kind on a scripted API server. By default its watches are quiet. */
function setup({ start, exists = true, aheadMs = 0 }: SetupOptions = { start: '100' }) {
  const clock = fakeTime();
  const recovering = recovery({ time: clock.time, random: () => 0.5 });
  const stop = new AbortController();
  const watches: Watch[] = [];
  const lists: string[] = [];
  /** The latest resourceVersion at each history check. */
  const historyChecks: string[] = [];
  /** The past resourceVersions that were listed. */
  const pastLists: string[] = [];
  const seen: string[] = [];
  /** Until when the loop is alive: the time of each turn plus its requested pause. */
  const turns: number[] = [];
  const server = {
    /** The resourceVersion of lists. */
    now: '500',
    items: [] as readonly object[],
    /** The errors of the next requests to watch. */
    refusals: [] as Error[],
    onWatch: (_: Watch) => {},
    exists,
    /** The kind's paths. */
    served: new Set([PATH]),
    /** How many pages the next list has, and how long each takes. */
    pages: 1,
    pageMs: 0,
    /** The error of each page of a list but the first. */
    pageError: undefined as Error | undefined,
    /** The resourceVersion at which consent began, if it must be listed. */
    consentRevision: undefined as string | undefined,
    /** The error of a list at a past resourceVersion. */
    pastListError: undefined as Error | undefined,
  };
  const backPressure = { until: Promise.resolve() };
  let pageRequests = 0;
  /** The error of every request. */
  let refusal: Error | undefined;

  function listOf({
    resourceVersion = '',
    resourceVersionMatch,
  }: Readonly<Record<string, string>>) {
    if (resourceVersionMatch === 'Exact') {
      pastLists.push(resourceVersion);
      if (server.pastListError) throw server.pastListError;
    } else lists.push(server.now);
    server.pages -= 1;
    const next = server.pages > 0 ? `more-${server.pages}` : '';
    const metadata = { resourceVersion: server.now, continue: next };
    return JSON.stringify({ metadata, items: server.items });
  }

  async function respond(query: Readonly<Record<string, string>>, signal: AbortSignal) {
    if (query.limit === '1') {
      historyChecks.push(server.now);
      return { headers: {}, body: jsonBody({ metadata: { resourceVersion: server.now } }) };
    }
    pageRequests += 1;
    if (server.pageError && 'continue' in query) throw server.pageError;
    if (server.pageMs > 0) await clock.time.wait(server.pageMs, signal);
    return { headers: {}, body: Readable.from([Buffer.from(listOf(query))]) };
  }

  function open(query: Readonly<Record<string, string>>, signal: AbortSignal) {
    const { resourceVersion = '', timeoutSeconds } = query;
    const refusal = server.refusals.shift();
    if (refusal) throw refusal;
    const body = new PassThrough();
    signal.addEventListener('abort', () => body.destroy(signal.reason as Error));
    const watch: Watch = {
      resourceVersion,
      timeoutSeconds: Number(timeoutSeconds),
      body,
      async send(type, uid, version) {
        body.write(`${JSON.stringify({ type, object: metadata(uid, version) })}\n`);
        await turn();
        await turn();
      },
      async end() {
        body.end();
        await turn();
        await turn();
      },
    };
    watches.push(watch);
    server.onWatch(watch);
    return { headers: {}, body };
  }

  const request = recovering.track((async (path, { query = {}, signal }) => {
    if (refusal) throw refusal;
    if (!server.served.has(path)) throw new KubeStatusError(404);
    return query.watch === undefined ? await respond(query, signal) : open(query, signal);
  }) as KubeRequest);

  const sink: WatchSink = {
    start: () => start,
    consentRevision: () => server.consentRevision,
    listedAtConsent: () =>
      listSink((count) => {
        server.consentRevision = undefined;
        seen.push(`existed: ${count}`);
      }),
    listing: () => listSink((count) => seen.push(`list of ${count}`)),
    async deleted({ uid }) {
      seen.push(`deleted: ${uid}`);
    },
    async added({ uid }) {
      await backPressure.until;
      seen.push(uid);
    },
    progressed: (_, resourceVersion) => seen.push(`@${resourceVersion}`),
    absent: (_, at) => seen.push(`absent at ${at}`),
  };
  const monitor: WatchMonitor = {
    became: (_, state) => seen.push(state),
    restarted: (_, reason) => seen.push(`restarted: ${reason}`),
    turned: (_, pauseMs = 0) => void turns.push(clock.time.steady() + pauseMs),
  };
  const ended = reflect(
    'API',
    {
      request,
      reader: sightingReader,
      discover: async () => ({
        paths: new Map(
          server.exists ? [...server.served].map((path) => ['API', path] as const) : [],
        ),
        at: Math.floor((clock.time.now() + aheadMs) / 1000),
      }),
      sink,
      monitor,
      time: clock.time,
      recovery: recovering,
      backoff: { baseMs: 500, capMs: 30_000, random: () => 0.5 },
      rediscoverMs: 5_000,
      idleTimeoutMs: 90_000,
      watchMs: 300_000,
      relistMs: 600_000,
    },
    stop.signal,
  );
  const last = () => watches.at(-1) as Watch;
  return {
    clock,
    server,
    watches,
    lists,
    historyChecks,
    pastLists,
    pageRequests: () => pageRequests,
    seen,
    turns,
    recovering,
    backPressure,
    ended,
    last,
    stop: () => stop.abort(),
    setRefusal(next: Error | undefined) {
      refusal = next;
    },
  };
}

describe('following a kind', () => {
  it('continues at the resourceVersion of the ledger, without a list', async () => {
    const { clock, watches, lists, seen, last } = setup();
    await clock.pass(0);
    assert.deepEqual(
      watches.map(({ resourceVersion }) => resourceVersion),
      ['100'],
    );
    await last().send('ADDED', 'a', '101');
    await last().send('MODIFIED', 'a', '102');
    await last().send('DELETED', 'a', '103');
    await last().send('BOOKMARK', '', '200');
    assert.deepEqual(seen, ['watching', 'a', '@101', '@102', 'deleted: a', '@103', '@200']);
    await last().end();
    await clock.pass(1_000);
    assert.equal(last().resourceVersion, '200');
    assert.deepEqual(lists, []);
  });

  it('first lists what existed when consent began', async () => {
    const { clock, server, lists, pastLists, watches, seen } = setup();
    server.consentRevision = '100';
    server.items = [metadata('a', '7'), metadata('b', '8')];
    await clock.pass(0);
    assert.deepEqual(pastLists, ['100']);
    assert.deepEqual(seen, ['existed: 2', 'watching']);
    assert.deepEqual(lists, []);
    assert.equal(watches.length, 1);
  });

  for (const status of [400, 410, 422, 504]) {
    it(`continues without that list if the response is ${status}`, async () => {
      const { clock, server, pastLists, seen } = setup();
      server.consentRevision = '100';
      server.pastListError = new KubeStatusError(status);
      await clock.pass(0);
      assert.deepEqual(pastLists, ['100']);
      assert.deepEqual(seen, ['watching']);
    });
  }

  it('repeats that list after any other failure, before anything else', async () => {
    const { clock, server, pastLists, seen, watches } = setup();
    server.consentRevision = '100';
    server.pastListError = new KubeStatusError(500);
    await clock.pass(0);
    assert.deepEqual(seen, ['restarted: error', 'failing']);
    assert.equal(watches.length, 0);
    server.pastListError = undefined;
    await clock.pass(MINUTE);
    assert.deepEqual(pastLists, ['100', '100']);
    assert.deepEqual(seen.slice(2, 4), ['existed: 0', 'watching']);
  });

  it('lists first if the ledger has no resourceVersion, and watches from the list', async () => {
    const { clock, server, last, seen } = setup({ start: undefined });
    server.items = [metadata('a', '7'), metadata('b', '8')];
    await clock.pass(0);
    assert.deepEqual(seen, ['list of 2', '@500', 'watching']);
    assert.equal(last().resourceVersion, '500');
  });

  it('requests watches that end at different times', async () => {
    const { clock, last } = setup();
    await clock.pass(0);
    assert.equal(last().timeoutSeconds, 450);
  });

  it('lists again every ten minutes as a safety net, and continues where it was', async () => {
    const { clock, server, lists, last, seen } = setup();
    await clock.pass(0);
    server.items = [metadata('missed', '90')];
    for (let step = 1; step <= 11; step += 1) {
      await last().send('BOOKMARK', '', String(200 + step));
      await clock.pass(MINUTE);
      await last().end();
      await clock.pass(0);
    }
    assert.deepEqual(lists, ['500']);
    assert.ok(seen.includes('list of 1'));
    assert.ok(!seen.includes('@500'), 'nothing that the watch has not reported is skipped');
    assert.equal(last().resourceVersion, '211');
  });

  it('continues at a new list if history was reset, as after a restore', async () => {
    const { clock, lists, last, seen, watches } = setup({ start: '9000' });
    await clock.pass(0);
    assert.equal(last().resourceVersion, '500');
    assert.equal(
      watches.length,
      1,
      'there is no watch from a resourceVersion that the server may never reach',
    );
    assert.deepEqual(lists, ['500']);
    assert.deepEqual(seen, ['restarted: restored', 'list of 0', '@500', 'watching']);
  });

  it('continues at a new list if history was reset while it ran', async () => {
    const { clock, server, last, seen } = setup();
    await clock.pass(0);
    await last().send('ADDED', 'a', '480');
    server.now = '300';
    server.items = [metadata('b', '299')];
    last().body.destroy(new Error('the API server is gone'));
    await clock.pass(1_000);
    assert.equal(last().resourceVersion, '300');
    assert.deepEqual(seen.slice(5), ['restarted: restored', 'list of 1', '@300', 'watching']);
  });

  it('checks the history once for each watch', async () => {
    const { clock, last, historyChecks, watches } = setup();
    await clock.pass(0);
    for (let count = 0; count < 5; count += 1) {
      await clock.pass(MINUTE);
      await last().end();
      await clock.pass(1_000);
    }
    assert.equal(historyChecks.length, watches.length);
  });

  it('reports progress with each page of a list', async () => {
    const { clock, server, turns } = setup({ start: undefined });
    server.pages = 20;
    server.pageMs = MINUTE;
    await clock.pass(20 * MINUTE);
    const gaps = turns.map((at, index) => at - (turns[index - 1] ?? 0));
    assert.ok(turns.length >= 20 && Math.max(...gaps) <= MINUTE, String(gaps));
  });

  it('passes on one creation after the other, and applies back-pressure', async () => {
    const { clock, last, backPressure, seen } = setup();
    await clock.pass(0);
    const held = Promise.withResolvers<void>();
    backPressure.until = held.promise;
    await last().send('ADDED', 'a', '101');
    await last().send('ADDED', 'b', '102');
    assert.deepEqual(seen, ['watching']);
    held.resolve();
    await turn();
    await turn();
    assert.deepEqual(seen, ['watching', 'a', '@101', 'b', '@102']);
  });

  it('ends when it is aborted, and leaves nothing open', async () => {
    const { clock, stop, ended, last } = setup();
    await clock.pass(0);
    stop();
    await ended;
    assert.ok(last().body.destroyed);
    assert.equal(clock.waiting(), 0);
  });
});

describe('a server that sends no usable resourceVersion', () => {
  for (const none of ['0', '']) {
    it(`but ${JSON.stringify(none)} in a bookmark or an event: the watch does not continue there`, async () => {
      const { clock, last, seen, watches } = setup();
      await clock.pass(0);
      await last().send('BOOKMARK', '', none);
      await last().send('ADDED', 'a', none);
      await last().send('MODIFIED', 'a', none);
      await last().send('ADDED', 'b', '102');
      assert.deepEqual(seen, ['watching', 'a', 'b', '@102']);
      await last().send('BOOKMARK', '', none);
      await clock.pass(MINUTE);
      await last().end();
      await clock.pass(1_000);
      const places = watches.map(({ resourceVersion }) => resourceVersion);
      assert.deepEqual(places, ['100', '102']);
    });

    it(`but ${JSON.stringify(none)} in a list: the kind is listed periodically, never watched`, async () => {
      const { clock, server, lists, watches, seen } = setup({ start: undefined });
      server.now = none;
      await clock.pass(5 * MINUTE);
      assert.equal(watches.length, 0);
      assert.ok(lists.length >= 8 && lists.length <= 11, `${lists.length} lists in 5 minutes`);
      assert.ok(!seen.some((one) => one.startsWith('@') && one !== '@undefined'), String(seen));
      assert.ok(!seen.includes('failing'));
      server.now = '700';
      await clock.pass(MINUTE);
      assert.equal(watches.length, 1);
      assert.equal(watches[0]?.resourceVersion, '700');
    });

    it(`but ${JSON.stringify(none)} in an older ledger: the kind is listed`, async () => {
      const { clock, last, lists } = setup({ start: none });
      await clock.pass(0);
      assert.deepEqual(lists, ['500']);
      assert.equal(last().resourceVersion, '500');
    });
  }
});

describe('a kind that does not exist', () => {
  const clocks = [
    ['that agrees', 0],
    ['an hour ahead', HOUR],
    ['an hour behind', -HOUR],
  ] as const;
  for (const [title, aheadMs] of clocks) {
    // An API server that has just started is incomplete.
    it(`is absent after the second discovery, by the API server’s clock, one ${title}`, async () => {
      const { clock, seen } = setup({ start: '100', exists: false, aheadMs });
      await clock.pass(4_999);
      assert.deepEqual(seen, ['missing']);
      await clock.pass(1);
      const first = Math.floor((clock.time.now() + aheadMs) / 1000) - 5;
      assert.deepEqual(seen, ['missing', `absent at ${first}`, 'missing']);
    });
  }

  it('is not absent if the second discovery finds it', async () => {
    const { clock, server, seen } = setup({ start: '100', exists: false });
    await clock.pass(0);
    server.exists = true;
    await clock.pass(5_000);
    assert.deepEqual(seen, ['missing', 'watching']);
  });
});

describe('a watch that fails', () => {
  it('with a 410: the kind is listed again', async () => {
    const { clock, server, last, seen } = setup();
    server.refusals.push(new KubeStatusError(410, { reason: 'Expired' }));
    await clock.pass(1_000);
    assert.deepEqual(seen, ['restarted: expired', 'list of 0', '@500', 'watching']);
    assert.equal(last().resourceVersion, '500');
  });

  it('with a 410 that names the oldest resourceVersion: it continues there after the list', async () => {
    const { clock, last, seen } = setup();
    await clock.pass(0);
    expire(last(), 'too old resource version: 100 (480)');
    await clock.pass(100);
    assert.equal(last().resourceVersion, '480');
    assert.deepEqual(seen.slice(1), ['restarted: expired', 'list of 0', '@480', 'watching']);
    await last().send('ADDED', 'brief', '490');
    await last().send('DELETED', 'brief', '491');
    assert.deepEqual(seen.slice(5), ['brief', '@490', 'deleted: brief', '@491']);
  });

  for (const message of [
    'too old resource version: 100 (501)',
    'too old resource version: 100 (0)',
    'too old resource version: 100 (99)',
    'too old resource version: 100 (4x)',
    'The resourceVersion for the provided watch is too old.',
  ]) {
    it(`with a 410 that names none before the list, "${message}": it continues at the list`, async () => {
      const { clock, last } = setup();
      await clock.pass(0);
      expire(last(), message);
      await clock.pass(100);
      assert.equal(last().resourceVersion, '500');
    });
  }

  it('with a 410 there too: the kind is listed again, and the watch continues at that list', async () => {
    const { clock, last, lists } = setup();
    await clock.pass(0);
    expire(last(), 'too old resource version: 100 (480)');
    await clock.pass(100);
    expire(last(), 'too old resource version: 480 (490)');
    await clock.pass(1_000);
    assert.equal(last().resourceVersion, '500');
    assert.equal(lists.length, 2);
  });

  for (const inside of [true, false]) {
    it(`with a 410 after each list, ${inside ? 'inside the stream' : 'as a refusal'}: it fails, with growing pauses`, async () => {
      const { clock, server, last, lists, seen } = setup();
      const message = 'The resourceVersion for the provided watch is too old.';
      if (inside) server.onWatch = (watch) => expire(watch, message);
      else server.refusals.push(...Array.from({ length: 1_000 }, () => new KubeStatusError(410)));
      await clock.pass(5 * MINUTE);
      assert.ok(lists.length >= 10 && lists.length <= 30, `${lists.length} lists in 5 minutes`);
      const states = seen.filter((one) => one === 'failing' || one === 'watching');
      const failedAt = states.indexOf('failing');
      assert.ok(failedAt >= 0 && failedAt <= 4, String(states));
      assert.ok(!states.slice(failedAt).includes('watching'), 'it is one outage');
      server.onWatch = () => {};
      server.refusals.length = 0;
      await clock.pass(MINUTE);
      await last().send('BOOKMARK', '', '600');
      assert.deepEqual(seen.slice(-2), ['watching', '@600']);
    });
  }

  it('with a 410 after each list, and is idle then: it is watched again', async () => {
    const { clock, server, last, seen } = setup();
    server.refusals.push(...Array.from({ length: 4 }, () => new KubeStatusError(410)));
    await clock.pass(MINUTE);
    assert.ok(seen.includes('failing') && !seen.includes('watching'));
    last().body.destroy(coded('UND_ERR_BODY_TIMEOUT'));
    await clock.pass(1_000);
    assert.ok(seen.includes('watching'));
  });

  it('with a 410 in the middle of each list: it is listed with growing pauses, and fails', async () => {
    const { clock, server, pageRequests, seen } = setup({ start: undefined });
    server.pages = Number.POSITIVE_INFINITY;
    server.pageError = new KubeStatusError(410, { reason: 'Expired' });
    await clock.pass(5_000);
    assert.ok(pageRequests() <= 16, `${pageRequests()} requests in 5 s`);
    await clock.pass(5 * MINUTE);
    assert.ok(pageRequests() <= 60, `${pageRequests()} requests in 5 minutes`);
    assert.ok(seen.includes('failing'));
    server.pages = 1;
    server.pageError = undefined;
    await clock.pass(MINUTE);
    assert.ok(seen.includes('list of 0'));
  });

  it('with a 410 inside the stream: the same', async () => {
    const { clock, last, seen } = setup();
    await clock.pass(0);
    last().body.write(
      '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n',
    );
    await clock.pass(1_000);
    assert.deepEqual(seen.slice(1), ['restarted: expired', 'list of 0', '@500', 'watching']);
  });

  it('with a 404: the kind is discovered again, and listed', async () => {
    const { clock, server, seen } = setup();
    server.refusals.push(new KubeStatusError(404));
    server.exists = true;
    const wait = clock.pass(0);
    server.exists = false;
    await wait;
    await clock.pass(6_000);
    server.exists = true;
    await clock.pass(5_000);
    assert.deepEqual(seen.slice(-3), ['list of 0', '@500', 'watching']);
    assert.ok(seen.includes('missing') && seen.some((one) => one.startsWith('absent')));
  });

  it('with a 404 because another version is served: it continues there, where it was', async () => {
    const { clock, server, watches, last, seen, lists } = setup();
    await clock.pass(0);
    await last().send('ADDED', 'a', '101');
    await clock.pass(MINUTE);
    server.served = new Set([V1_PATH]);
    await last().end();
    await clock.pass(2_000);
    assert.equal(watches.length, 2);
    assert.equal(last().resourceVersion, '101');
    assert.deepEqual(lists, []);
    assert.ok(!seen.includes('failing') && !seen.includes('missing'), String(seen));
  });

  it('with a connection that breaks after ten seconds: it has failed only if the next one fails too', async () => {
    const { clock, server, last, seen } = setup();
    await clock.pass(0);
    for (let cut = 0; cut < 3; cut += 1) {
      await clock.pass(12_000);
      last().body.destroy(coded('UND_ERR_SOCKET'));
      await clock.pass(1_000);
    }
    const cut = ['restarted: error', 'watching'];
    assert.deepEqual(seen, ['watching', ...cut, ...cut, ...cut]);
    await clock.pass(12_000);
    server.refusals.push(coded('ECONNREFUSED'));
    last().body.destroy(coded('UND_ERR_SOCKET'));
    await clock.pass(2_000);
    const failed = ['restarted: error', 'restarted: error', 'failing', 'watching'];
    assert.deepEqual(seen.slice(7), failed);
  });

  for (const [title, ms, error] of [
    ['a connection that breaks sooner', 5_000, coded('UND_ERR_SOCKET')],
    ['an error of the API server, however late', 12_000, new KubeStatusError(500)],
  ] as const) {
    it(`with ${title}: it has failed`, async () => {
      const { clock, last, seen } = setup();
      await clock.pass(0);
      await clock.pass(ms);
      last().body.destroy(error);
      await clock.pass(1_000);
      assert.deepEqual(seen, ['watching', 'restarted: error', 'failing', 'watching']);
    });
  }

  it('with any other error: it continues where it was', async () => {
    for (const error of [new KubeStatusError(500), new KubeStatusError(401), new Error('reset')]) {
      const { clock, server, last, seen, lists } = setup();
      server.refusals.push(error);
      await clock.pass(1_000);
      assert.deepEqual(seen, ['restarted: error', 'failing', 'watching']);
      assert.equal(last().resourceVersion, '100');
      assert.deepEqual(lists, []);
    }
  });

  it('because the sink rejects: the event is reported again', async () => {
    const { clock, last, backPressure, seen } = setup();
    await clock.pass(0);
    await last().send('ADDED', 'a', '101');
    backPressure.until = Promise.reject(new Error('full'));
    backPressure.until.catch(() => undefined);
    await last().send('ADDED', 'b', '102');
    await clock.pass(1_000);
    assert.equal(last().resourceVersion, '101');
    assert.ok(!seen.includes('@102'));
  });

  it('is not retried before the pause that the server requests', async () => {
    const { clock, server, watches } = setup();
    server.refusals.push(new KubeStatusError(429, { retryAfterMs: 20_000 }));
    await clock.pass(19_999);
    assert.equal(watches.length, 0);
    await clock.pass(1);
    assert.equal(watches.length, 1);
  });

  it('is retried with growing pauses, and quickly again after an event', async () => {
    const { clock, server, watches, last } = setup();
    server.refusals.push(...Array.from({ length: 20 }, () => new KubeStatusError(503)));
    await clock.pass(10 * MINUTE);
    assert.equal(watches.length, 1);
    await last().send('BOOKMARK', '', '300');
    server.refusals.push(new KubeStatusError(503));
    await last().end();
    await clock.pass(250);
    assert.equal(watches.length, 2);
    assert.equal(last().resourceVersion, '300');
  });

  it('ends immediately, repeatedly, as on servers that send no 410: the kind is listed again', async () => {
    const { clock, server, watches, lists } = setup();
    server.onWatch = ({ body, resourceVersion }) => {
      if (resourceVersion === '100') body.end();
    };
    await clock.pass(MINUTE);
    const places = watches.map(({ resourceVersion }) => resourceVersion);
    assert.deepEqual(places, ['100', '100', '100', '500']);
    assert.equal(lists.length, 1);
  });

  it('sends malformed events, repeatedly: the kind is listed again', async () => {
    for (const line of ['{', '{}', 'null', '{"type":"ADDED"}', '{"type":"NEWS","object":{}}']) {
      const { clock, server, watches, seen } = setup();
      server.onWatch = ({ body, resourceVersion }) => {
        if (resourceVersion === '100') body.write(`${line}\n`);
      };
      await clock.pass(MINUTE);
      const places = watches.map(({ resourceVersion }) => resourceVersion);
      assert.deepEqual(places, ['100', '100', '100', '500'], line);
      assert.equal(seen.filter((one) => one === 'failing').length, 3);
    }
  });

  it('ends after one event, repeatedly: it is opened with growing pauses', async () => {
    const { clock, server, watches, seen, lists } = setup();
    let version = 100;
    server.onWatch = ({ body }) => {
      version += 1;
      const object = metadata(`u${version}`, String(version));
      body.end(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    };
    await clock.pass(5_000);
    assert.ok(watches.length >= 3 && watches.length <= 10, `${watches.length} watches in 5 s`);
    await clock.pass(MINUTE);
    assert.ok(watches.length <= 40, `${watches.length} watches in 65 s`);
    assert.ok(!seen.includes('failing'), 'these watches have not failed');
    assert.deepEqual(lists, []);
    const places = watches.map(({ resourceVersion }) => Number(resourceVersion));
    assert.deepEqual(
      places,
      [...places.keys()].map((index) => 100 + index),
    );
  });

  it('fails after one event, repeatedly: it is retried with growing pauses', async () => {
    const { clock, server, watches } = setup();
    server.onWatch = ({ body }) => {
      const object = metadata('u', '101');
      body.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
      body.write('{"type":"ERROR","object":{"kind":"Status","code":500}}\n');
    };
    await clock.pass(10 * MINUTE);
    assert.ok(watches.length < 60, `${watches.length} watches in ten minutes`);
  });

  it('was only idle, like every quiet watch without bookmarks: it is opened again where it was', async () => {
    const { clock, seen, last, watches, lists } = setup();
    await clock.pass(0);
    await last().send('ADDED', 'a', '101');
    for (let count = 0; count < 5; count += 1) {
      await clock.pass(90_000);
      last().body.destroy(Object.assign(new Error(), { code: 'UND_ERR_BODY_TIMEOUT' }));
      await clock.pass(0);
    }
    const places = watches.map(({ resourceVersion }) => resourceVersion);
    assert.deepEqual(places, ['100', '101', '101', '101', '101', '101']);
    assert.deepEqual(
      [...new Set(seen)],
      ['watching', 'a', '@101', 'restarted: silent'],
      'it is not a failure',
    );
    assert.deepEqual(lists, []);
  });

  it('must wait for an hour: the loop waits for a minute and counts as alive', async () => {
    const { clock, server, watches, turns } = setup();
    server.refusals.push(new KubeStatusError(429, { retryAfterMs: 999_999_999_999 }));
    await clock.pass(MINUTE - 1);
    assert.equal(watches.length, 0);
    assert.ok(Math.max(...turns) >= MINUTE);
    await clock.pass(1);
    assert.equal(watches.length, 1);
  });

  it('is opened again within a second after the API server responds to another loop', async () => {
    const { clock, watches, recovering, setRefusal } = setup();
    setRefusal(coded('ECONNREFUSED'));
    await clock.pass(10 * MINUTE);
    setRefusal(undefined);
    const before = watches.length;
    await recovering.track(async () => ({}) as never)('/lease', {
      signal: new AbortController().signal,
    });
    await clock.pass(1_000);
    assert.equal(before + 1, watches.length);
  });

  it('is opened again within a second after each of many outages, whatever is refused then', async () => {
    const { clock, server, watches, lists, last, recovering, setRefusal } = setup();
    const lease = (response: () => Promise<never>) =>
      recovering.track(response)('/lease', { signal: new AbortController().signal });
    await clock.pass(0);
    for (let outage = 0; outage < 8; outage += 1) {
      setRefusal(coded('ECONNREFUSED'));
      last().body.destroy(coded('UND_ERR_SOCKET'));
      await clock.pass(outage === 0 ? 60_000 : 3_000);
      setRefusal(new KubeStatusError(403));
      await clock.pass(700);
      // Leases are served while custom resources are not.
      for (const refusal of [new KubeStatusError(403), new KubeStatusError(429)]) {
        setRefusal(refusal);
        await lease(async () => ({}) as never);
        await clock.pass(700);
      }
      setRefusal(undefined);
      server.refusals.push(new KubeStatusError(410, { reason: 'Expired' }));
      const before = { watches: watches.length, lists: lists.length };
      await clock.pass(1_000);
      assert.deepEqual(
        { watches: watches.length, lists: lists.length },
        { watches: before.watches + 1, lists: before.lists + 1 },
        `outage ${outage}`,
      );
      await clock.pass(4_000);
    }
  });

  it('breaks repeatedly while other loops get responses: it is opened with growing pauses', async () => {
    const { clock, server, watches, recovering } = setup();
    server.onWatch = ({ body }) => void setImmediate(() => body.destroy(coded('UND_ERR_SOCKET')));
    for (let passed = 0; passed < 10 * MINUTE; passed += 5_000) {
      await clock.pass(5_000);
      await recovering.track(async () => ({}) as never)('/lease', {
        signal: new AbortController().signal,
      });
    }
    assert.ok(watches.length < 60, `${watches.length} watches in ten minutes`);
  });

  it('never floods the server with requests', async () => {
    const { clock, server, watches, lists } = setup();
    server.onWatch = ({ body }) => void body.end();
    await clock.pass(60 * MINUTE);
    assert.ok(watches.length < 500, `${watches.length} watches an hour`);
    assert.ok(lists.length < 150, `${lists.length} lists an hour`);
  });
});
