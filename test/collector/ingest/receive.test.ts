import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { HttpRefusal } from '../../../src/collector/http-refusal.ts';
import { byteBudget } from '../../../src/collector/ingest/byte-budget.ts';
import { receive } from '../../../src/collector/ingest/receive.ts';

/** Returns a clock that only the test advances. */
function manualClock() {
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>();
  let ms = 0;
  return {
    steady: () => ms,
    after(delay: number, run: () => void) {
      const entry = { at: ms + delay, run };
      waiting.add(entry);
      return () => void waiting.delete(entry);
    },
    advance(by: number) {
      const end = ms + by;
      for (;;) {
        const next = [...waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        waiting.delete(next);
        ms = next.at;
        next.run();
      }
      ms = end;
    },
    waiting,
  };
}

function setup({ maxBytes = 100_000, budget = byteBudget({ maxBytes: 1_000_000 }) } = {}) {
  const clock = manualClock();
  function upload({ isKnown = false, announced }: { isKnown?: boolean; announced?: number } = {}) {
    const stream = new PassThrough({ highWaterMark: 1_000_000 });
    const reserve = (onEvict: () => void) => budget.reserve({ isKnown, onEvict });
    const received = receive(stream, { maxBytes, announced, reserve, time: clock });
    const outcome = received.then(
      ({ bytes }) => `${bytes.byteLength} bytes`,
      (error: unknown) => (error instanceof HttpRefusal ? error.code : String(error)),
    );
    return { stream, received, outcome, send: (bytes: number) => sent(stream, bytes) };
  }
  return { clock, budget, upload };
}

/** Resolves once the bytes are read. */
async function sent(stream: PassThrough, bytes: number): Promise<void> {
  await new Promise<void>((resolve) => stream.write(Buffer.alloc(bytes, ' '), () => resolve()));
  await new Promise((resolve) => setImmediate(resolve));
}

describe('receive', () => {
  it('returns the bytes in order, whatever the chunks', async () => {
    const { upload, clock, budget } = setup();
    const { stream, received } = upload();
    const text = Array.from({ length: 5_000 }, (_, index) => `${index},`).join('');
    for (let from = 0; from < text.length; from += 97) stream.write(text.slice(from, from + 97));
    stream.end();
    const { bytes, release } = await received;
    assert.equal(Buffer.from(bytes).toString(), text);
    assert.ok(budget.held() >= text.length);
    release();
    release();
    assert.equal(budget.held(), 0);
    assert.equal(clock.waiting.size, 0);
  });

  it('takes no memory for announced bytes', async () => {
    const { upload, budget } = setup();
    const { send } = upload({ announced: 90_000 });
    await send(1);
    assert.ok(budget.held() <= 4_096, `${budget.held()} bytes are held`);
  });

  const paces = [
    { title: 'no bytes', bytes: 0, everyMs: 1_000, code: 'too_slow', afterMs: 3_000 },
    { title: '1 byte per second', bytes: 1, everyMs: 1_000, code: 'too_slow', afterMs: 3_000 },
    {
      title: '900 bytes per second',
      bytes: 900,
      everyMs: 1_000,
      code: 'too_slow',
      afterMs: 10_000,
    },
    { title: '4 KB per second', bytes: 4_000, everyMs: 1_000, code: 'too_slow', afterMs: 10_000 },
  ];
  for (const { title, bytes, everyMs, code, afterMs } of paces) {
    it(`ends a body of ${title} after ${afterMs} ms at the latest`, async () => {
      const { upload, clock, budget } = setup();
      const { send, outcome } = upload();
      let isOver = false;
      const over = outcome.then((result) => {
        isOver = true;
        return result;
      });
      for (let ms = 0; ms < afterMs && !isOver; ms += everyMs) {
        if (bytes > 0) await send(bytes);
        clock.advance(everyMs);
        await new Promise((resolve) => setImmediate(resolve));
      }
      clock.advance(100);
      assert.equal(await over, code);
      assert.equal(budget.held(), 0);
    });
  }

  it('accepts a body that pauses for less than 3 s', async () => {
    const { upload, clock } = setup();
    const { stream, send, outcome } = upload();
    await send(10);
    clock.advance(2_900);
    stream.end('more');
    assert.equal(await outcome, '14 bytes');
  });

  it('refuses a body of one-byte chunks long before its end', async () => {
    const { upload } = setup();
    const { stream, outcome } = upload();
    for (let index = 0; index < 2_000; index += 1) stream.write(' ');
    assert.equal(await outcome, 'too_many_chunks');
  });

  it('refuses a body that is cut, also if it is cut before the start', async () => {
    const { upload, budget } = setup();
    const { stream, outcome } = upload();
    stream.destroy(new Error('reset'));
    assert.equal(await outcome, 'cut');
    const gone = new PassThrough().destroy();
    const reserve = (onEvict: () => void) => budget.reserve({ isKnown: false, onEvict });
    const clock = manualClock();
    await assert.rejects(receive(gone, { maxBytes: 1, announced: 1, reserve, time: clock }), /cut/);
    assert.equal(budget.held(), 0);
  });
});

describe('the budget', () => {
  it('evicts the oldest without a key first, then the oldest with one', async () => {
    const budget = byteBudget({ maxBytes: 300_000 });
    const { upload } = setup({ budget });
    const known = upload({ isKnown: true, announced: 90_000 });
    const first = upload({ announced: 90_000 });
    const second = upload({ announced: 90_000 });
    for (const one of [known, first, second]) await one.send(90_000);
    const third = upload({ isKnown: true, announced: 90_000 });
    await third.send(90_000);
    assert.equal(await first.outcome, 'overloaded');
    const fourth = upload({ isKnown: true, announced: 90_000 });
    await fourth.send(90_000);
    assert.equal(await second.outcome, 'overloaded');
    const fifth = upload({ isKnown: true, announced: 90_000 });
    await fifth.send(90_000);
    assert.equal(await known.outcome, 'overloaded');
    for (const { stream } of [third, fourth, fifth]) stream.end();
    assert.deepEqual(
      await Promise.all([third.outcome, fourth.outcome, fifth.outcome]),
      Array(3).fill('90000 bytes'),
    );
    assert.ok(budget.held() <= 300_000);
  });

  it('never evicts a complete body, and refuses the new one instead', async () => {
    const budget = byteBudget({ maxBytes: 100_000 });
    const { upload } = setup({ budget });
    const complete = upload({ announced: 90_000 });
    await complete.send(90_000);
    complete.stream.end();
    const { release } = await complete.received;
    const late = upload({ isKnown: true, announced: 90_000 });
    await late.send(90_000);
    assert.equal(await late.outcome, 'overloaded');
    release();
    assert.equal(budget.held(), 0);
  });
});
