import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ROW_LIMIT, rows } from '../../../src/dashboard/model/rows.ts';
import { aResource } from './resources.ts';

function setup() {
  const changes = { count: 0 };
  const shown = rows({
    onChange() {
      changes.count += 1;
    },
  });
  const uids = () => [...shown.all()].map(({ uid }) => uid);
  return { shown, changes, uids };
}

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) =>
    aResource({ uid: `${from + index}`, createdAt: from + index }),
  );

describe('the rows of a kind', () => {
  it('are shown as the first list comes', () => {
    const { shown, uids, changes } = setup();
    const listing = shown.listing();
    listing.take(numbered(2));
    assert.deepEqual(uids(), ['0', '1']);
    assert.equal(changes.count, 1);
  });

  it('are replaced by a later list when it is complete', async () => {
    const { shown, uids } = setup();
    const first = shown.listing();
    first.take(numbered(2));
    await first.complete();
    const second = shown.listing();
    second.take(numbered(2, 1));
    assert.deepEqual(uids(), ['0', '1']);
    assert.equal(await second.complete(), true);
    assert.deepEqual(uids(), ['1', '2']);
  });

  it('have nothing of a first list that was cut off', () => {
    const { shown, uids } = setup();
    shown.listing().take(numbered(3));
    shown.listing().take(numbered(1, 7));
    assert.deepEqual(uids(), ['7']);
  });

  it('follow changes and deletions by UID', () => {
    const { shown, uids } = setup();
    shown.add(aResource({ uid: 'a', name: 'one' }));
    shown.add(aResource({ uid: 'b', name: 'one' }));
    shown.change(aResource({ uid: 'a', name: 'one', fleet: 'f' }));
    shown.remove(aResource({ uid: 'b', name: 'one' }));
    assert.deepEqual(uids(), ['a']);
    assert.deepEqual(
      [...shown.all()].map(({ fleet }) => fleet),
      ['f'],
    );
  });

  it('are bounded: the oldest are counted and not kept', async () => {
    const { shown } = setup();
    const listing = shown.listing();
    for (let page = 0; page < 30; page += 1) listing.take(numbered(1_000, page * 1_000));
    await listing.complete();
    const kept = [...shown.all()];
    assert.ok(kept.length >= ROW_LIMIT && kept.length <= ROW_LIMIT + 1_000, `${kept.length}`);
    assert.equal(shown.total(), 30_000);
    assert.equal(kept.at(-1)?.uid, '29999');
    // A change of one that is not kept brings nothing, its deletion is counted.
    shown.change(aResource({ uid: '5', createdAt: 5 }));
    assert.equal(shown.total(), 30_000);
    shown.remove(aResource({ uid: '5', createdAt: 5 }));
    assert.equal(shown.total(), 29_999);
  });

  it('are bounded too if all were created in the same second', () => {
    const { shown } = setup();
    for (const { uid } of numbered(25_000)) shown.add(aResource({ uid, createdAt: 7 }));
    assert.equal(shown.total(), 25_000);
    assert.ok([...shown.all()].length <= ROW_LIMIT + 1_000);
  });
});
