import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupWrites } from '../../../../src/collector/store/clickhouse/group-writes.ts';
import { StoreUnavailable } from '../../../../src/collector/store/store.ts';

/** Items are numbers of events. Each write waits until the test ends it. */
function setup() {
  const writes: { readonly group: readonly number[]; readonly end: (error?: Error) => void }[] = [];
  const add = groupWrites<number>({
    time: {
      after(_, run) {
        setImmediate(run);
        return () => {};
      },
    },
    size: (events) => events,
    write(group) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      writes.push({ group, end: (error) => (error ? reject(error) : resolve()) });
      return promise;
    },
  });
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return { add, writes, turn };
}

describe('groupWrites', () => {
  it('waits for others only while the group has room', async () => {
    const timers: { readonly run: () => void; isCancelled: boolean }[] = [];
    const groups: (readonly number[])[] = [];
    const add = groupWrites<number>({
      time: {
        after(_, run) {
          const timer = { run, isCancelled: false };
          timers.push(timer);
          return () => {
            timer.isCancelled = true;
          };
        },
      },
      size: (events) => events,
      write: async (group) => void groups.push(group),
    });
    await Promise.all([add(5_000), add(15_000)]);
    assert.deepEqual(groups, [[5_000, 15_000]]);
    assert.deepEqual(
      timers.map(({ isCancelled }) => isCancelled),
      [true],
    );
    const later = add(1);
    assert.equal(groups.length, 1);
    timers.at(-1)?.run();
    await later;
    assert.deepEqual(groups.at(-1), [1]);
  });

  it('leaves the rest of a group that has too many events to the next one', async () => {
    const { add, writes, turn } = setup();
    const sizes = [15_000, 5_000, 1, 30_000, 2];
    const added = sizes.map(add);
    for (let group = 0; group < 4; group += 1) {
      await turn();
      writes[group]?.end();
    }
    await Promise.all(added);
    assert.deepEqual(
      writes.map(({ group }) => group),
      [[15_000, 5_000], [1], [30_000], [2]],
    );
  });

  it('refuses an item while too many events wait, and accepts it later', async () => {
    const { add, writes, turn } = setup();
    const first = add(20_000);
    await turn();
    const waiting = [20_000, 20_000, 20_000].map(add);
    await assert.rejects(add(1), StoreUnavailable);
    writes[0]?.end();
    await first;
    await turn();
    const late = add(20_000);
    for (let group = 1; group <= 4; group += 1) {
      writes[group]?.end();
      await turn();
    }
    await Promise.all([...waiting, late]);
  });

  it('rejects the items of a write that fails, and writes those after it', async () => {
    const { add, writes, turn } = setup();
    const failed = add(1);
    await turn();
    const written = add(2);
    writes[0]?.end(new Error('full'));
    await assert.rejects(failed, /full/);
    await turn();
    writes[1]?.end();
    await written;
  });
});
