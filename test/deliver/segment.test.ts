import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { MAX_BATCH_EVENTS, MAX_EVENT_BYTES } from '../../src/deliver/batch-limits.ts';
import {
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from '../../src/deliver/delivery-error.ts';
import { MAX_CONNECTIONS } from '../../src/deliver/outbound.ts';
import { sentPayload } from '../../src/deliver/payload.ts';
import type { TelemetryEvent } from '../../src/event.ts';
import { anEvent, events } from './events.ts';
import { type Answer, endpoint } from './servers.ts';
import { type DeliveryOptions, delivery } from './setup.ts';

async function setup(
  t: TestContext,
  { answer, ...options }: Partial<DeliveryOptions> & { readonly answer?: Answer } = {},
) {
  const server = await endpoint(t, answer);
  return { ...server, ...delivery(t, { endpoint: server.url, ...options }) };
}

describe('segment', () => {
  it('sends 5,000 concurrent events in 20 requests over few connections', async (t) => {
    const { deliver, received, acknowledged, accepted } = await setup(t, {
      flushAt: MAX_BATCH_EVENTS,
    });
    const burst = events(5_000);
    await Promise.all(burst.map(deliver));
    assert.equal(received.length, 20);
    assert.ok(accepted() <= MAX_CONNECTIONS, `${accepted()} connections`);
    const arrived = received.flatMap(({ messageIds }) => messageIds);
    assert.equal(arrived.length, burst.length);
    const ids = new Set(burst.map(({ messageId }) => messageId));
    assert.deepEqual(new Set(arrived), ids);
    assert.deepEqual(new Set(acknowledged.map(({ messageId }) => messageId)), ids);
    assert.equal(acknowledged.length, burst.length);
  });

  it('rejects each of 5,000 events if all requests fail', async (t) => {
    const { deliver, received } = await setup(t, {
      flushAt: MAX_BATCH_EVENTS,
      answer: (response) => response.writeHead(500).end(),
    });
    const outcomes = await Promise.allSettled(events(5_000).map(deliver));
    assert.ok(outcomes.every(({ status }) => status === 'rejected'));
    assert.equal(received.length, 20);
  });

  it('sends a smaller batch after the interval', async (t) => {
    const { deliver, received } = await setup(t, { flushAt: 10, flushIntervalMs: 10 });
    await Promise.all(events(3).map(deliver));
    assert.deepEqual(received[0]?.messageIds.length, 3);
  });

  it('starts the time limit of a request when the request starts', async (t) => {
    const { deliver } = await setup(t, {
      timeoutMs: 1_000,
      answer: (response, { messageIds }) => {
        if (messageIds.includes('the last')) response.writeHead(204).end();
      },
    });
    const lost = Promise.allSettled(events(MAX_CONNECTIONS).map(deliver));
    // It waits until another one has timed out, and then has its full time limit.
    await deliver(anEvent({ messageId: 'the last' }));
    assert.ok((await lost).every(({ status }) => status === 'rejected'));
  });

  it('reports each acknowledged payload as sent', async (t) => {
    const { deliver, acknowledged } = await setup(t);
    await deliver(anEvent());
    assert.deepEqual(acknowledged, [sentPayload(anEvent())]);
  });

  it('sends a message once if it is delivered twice concurrently', async (t) => {
    const { deliver, received, acknowledged } = await setup(t);
    await Promise.all([deliver(anEvent()), deliver(anEvent())]);
    assert.equal(received.length, 1);
    assert.equal(acknowledged.length, 1);
  });

  it('rejects both concurrent deliveries of a message that fails', async (t) => {
    const { deliver } = await setup(t, { answer: (response) => response.writeHead(500).end() });
    const outcomes = await Promise.allSettled([deliver(anEvent()), deliver(anEvent())]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  });

  it('rejects an event if `onAcknowledged` throws', async (t) => {
    const onAcknowledged = () => assert.fail('disk full');
    const { deliver } = await setup(t, { onAcknowledged });
    await assert.rejects(deliver(anEvent()), new TemporaryDeliveryError('unexpected failure'));
  });

  const malformed: { title: string; event: unknown; status: number }[] = [
    { title: 'no messageId', event: { messageId: '' }, status: 400 },
    { title: 'a messageId that is a number', event: { messageId: 7 }, status: 400 },
    { title: 'no ids', event: { anonymousId: undefined, userId: undefined }, status: 400 },
    { title: 'no properties', event: { properties: undefined }, status: 400 },
    { title: 'a long name', event: { properties: { event: 'x'.repeat(2_000) } }, status: 413 },
  ];
  for (const { title, event, status } of malformed) {
    it(`refuses an event before it leaves: ${title}`, async (t) => {
      const { deliver, accepted } = await setup(t);
      const refused = deliver(anEvent(event as Partial<TelemetryEvent>));
      await assert.rejects(refused, (error) => {
        return error instanceof PermanentDeliveryError && error.status === status;
      });
      assert.equal(accepted(), 0);
    });
  }

  it('stays below 500 KB a request with the longest events', async (t) => {
    let bytes = 0;
    const { deliver } = await setup(t, {
      flushAt: MAX_BATCH_EVENTS,
      answer: (response, { headers }) => {
        bytes = Number(headers['content-length']);
        response.writeHead(204).end();
      },
    });
    const length = (event: TelemetryEvent) => JSON.stringify(sentPayload(event)).length;
    // A name that no catalogue has, for the longest event that can be sent.
    const named = (event: TelemetryEvent, name: string) =>
      ({ ...event, properties: { event: name } }) as unknown as TelemetryEvent;
    const longest = events(MAX_BATCH_EVENTS).map((event) =>
      named(event, 'x'.repeat(MAX_EVENT_BYTES - length(named(event, '')))),
    );
    await Promise.all(longest.map(deliver));
    assert.ok(bytes > 470_000 && bytes < 500_000, `${bytes} bytes`);
  });

  for (const flushAt of [0, MAX_BATCH_EVENTS + 1, Number.NaN]) {
    it(`refuses a flushAt of ${flushAt}`, (t) => {
      const endpoint = new URL('http://127.0.0.1');
      assert.throws(() => delivery(t, { endpoint, flushAt }), /flushAt must be 1 to 250, found/);
    });
  }

  it('opens no socket before the first event', async (t) => {
    const { accepted, deliver } = await setup(t);
    assert.equal(accepted(), 0);
    await deliver(anEvent());
    assert.equal(accepted(), 1);
  });
});

describe('close', () => {
  /** Delivers `count` events in batches of ten. Their requests all wait for a response. */
  async function waiting(t: TestContext, count: number) {
    const asked = Promise.withResolvers<void>();
    let requests = 0;
    const room = await setup(t, {
      flushAt: 10,
      timeoutMs: 600_000,
      answer: () => {
        requests += 1;
        if (requests === Math.min(MAX_CONNECTIONS, Math.floor(count / 10))) asked.resolve();
      },
    });
    const pending = events(count).map(room.deliver);
    return { ...room, pending, asked: asked.promise };
  }

  async function assertClosed(pending: readonly Promise<void>[]): Promise<void> {
    for (const outcome of await Promise.allSettled(pending)) {
      assert.equal(outcome.status, 'rejected');
      assert.ok(outcome.reason instanceof TemporaryDeliveryError);
      assert.equal(outcome.reason.message, 'delivery was closed');
    }
  }

  it('rejects events in flight, in the queue, in an open batch, and just delivered', async (t) => {
    const { deliver, close, pending, asked, received, sockets, drained } = await waiting(t, 65);
    await asked;
    const justCome = deliver(anEvent({ messageId: 'just come' }));
    await Promise.all([assertClosed([...pending, justCome]), close()]);
    await drained();
    assert.equal(sockets.size, 0);
    assert.equal(received.length, MAX_CONNECTIONS);
  });

  it('does not send the events that wait for the interval', async (t) => {
    const { close, pending, accepted } = await waiting(t, 5);
    await Promise.all([assertClosed(pending), close()]);
    assert.equal(accepted(), 0);
  });

  it('rejects later events', async (t) => {
    const { close, deliver, accepted } = await setup(t);
    await close();
    await assertClosed([deliver(anEvent())]);
    assert.equal(accepted(), 0);
  });

  it('can be called twice, and without any events', async (t) => {
    const { close } = await setup(t);
    await Promise.all([close(), close()]);
  });
});
