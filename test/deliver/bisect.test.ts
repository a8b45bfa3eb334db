import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bisect } from '../../src/deliver/bisect.ts';

const BAD = new Error('refused');

interface SetupOptions {
  readonly count: number;
  readonly bad: ReadonlySet<number>;
  readonly maxAttempts?: number;
  readonly failsAt?: number;
}

/** Sends the items 0 to `count`. A group that contains one of `bad` is refused as a whole. */
async function setup({ count, bad, maxAttempts = 100_000, failsAt }: SetupOptions) {
  const accepted: number[] = [];
  let attempts = 0;
  let pauses = 0;
  const stop = new AbortController();
  const pass = await bisect(
    Array.from({ length: count }, (_, index) => index),
    {
      async attempt(items) {
        attempts += 1;
        if (attempts === failsAt) return { accepted: 0, refused: [], failure: new Error('away') };
        if (items.some((item) => bad.has(item))) {
          const refused = items.map((item) => ({ item, error: BAD }));
          return { accepted: 0, refused, failure: undefined };
        }
        accepted.push(...items);
        return { accepted: items.length, refused: [], failure: undefined };
      },
      async pause() {
        pauses += 1;
      },
      maxAttempts,
      signal: stop.signal,
    },
  );
  return { ...pass, items: accepted, attempts, pauses };
}

describe('bisect', () => {
  it('takes one attempt if nothing is refused', async () => {
    const { attempts, pauses, accepted } = await setup({ count: 1_000, bad: new Set() });
    assert.deepEqual({ attempts, pauses, accepted }, { attempts: 1, pauses: 0, accepted: 1_000 });
  });

  it('finds exactly the refused items in at most 2 k log2(n) attempts', async () => {
    const some = fc.uniqueArray(fc.integer({ min: 0, max: 249 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(some, async (list) => {
        const bad = new Set(list);
        // Item 250 is tried first, so that an item is accepted before a bad one is found.
        const { found, items, attempts, pauses } = await setup({ count: 256, bad });
        assert.deepEqual(new Set(found.map(({ item }) => item)), bad);
        assert.equal(items.length, 256 - bad.size);
        assert.equal(new Set(items).size, items.length);
        assert.ok(attempts <= 1 + 2 * bad.size * Math.log2(256), `${attempts} for ${bad.size}`);
        assert.equal(pauses, attempts - 1);
      }),
      { numRuns: 200 },
    );
  });

  it('stops early if everything is refused', async () => {
    const all = new Set(Array.from({ length: 1_000 }, (_, index) => index));
    const { attempts, found, accepted } = await setup({ count: 1_000, bad: all });
    assert.equal(found.length, 3);
    assert.equal(accepted, 0);
    assert.ok(attempts <= 16, String(attempts));
  });

  it('ends at a failure that is not a refusal, and returns it', async () => {
    const { failure, attempts } = await setup({ count: 64, bad: new Set([3]), failsAt: 3 });
    assert.equal((failure as Error).message, 'away');
    assert.equal(attempts, 3);
  });

  it('ends after `maxAttempts`, however many are refused', async () => {
    const odd = new Set(Array.from({ length: 500 }, (_, index) => 2 * index + 1));
    const { attempts } = await setup({ count: 1_000, bad: odd, maxAttempts: 64 });
    assert.equal(attempts, 64);
  });

  it('returns the size of the largest group that was accepted', async () => {
    const { largest } = await setup({ count: 64, bad: new Set([0]) });
    assert.equal(largest, 32);
  });
});
