import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Sighting } from '../../src/event.ts';
import {
  baselineAtNextList,
  type Creations,
  countingFrom,
  creations,
  LIST_LIMIT,
  RECENT_LIMIT,
} from '../../src/record/creations.ts';

const BORN = 1_795_434_161;
/** The present, later than all that is created in time. */
const SEEN = BORN + 100_000;
const OPTIONS = { since: BORN };
const BIRTH = { createdAt: BORN, resourceVersion: '1000' };

function seen(uid: string, createdAt: number, resourceVersion = '2000'): Sighting {
  return { kind: 'API', uid, createdAt, resourceVersion, seenAt: SEEN };
}

/** `count` resources, of which `rate` share a second, the first one in the second after `from`. */
function many(count: number, { from, rate }: { from: number; rate: number }): readonly Sighting[] {
  return Array.from({ length: count }, (_, index) =>
    seen(`${from}-${index}`, from + 1 + Math.floor(index / rate)),
  );
}

const uids = (sightings: readonly Sighting[]) => sightings.map(({ uid }) => uid);

/** A list, of which everything is taken in, as the operator does it. Gives what was new. */
function take(kind: Creations, list: readonly Sighting[]): readonly string[] {
  const { unknown, complete } = listed(kind, list);
  for (const sighting of unknown) kind.remember(sighting);
  assert.ok(complete());
  kind.progressed('3000');
  return uids(unknown);
}

/** A list in pages of two. */
function listed(kind: Creations, list: readonly Sighting[]) {
  const { take: takePage, unknown, complete } = kind.listing();
  for (let from = 0; from < list.length; from += 2) takePage(list.slice(from, from + 2));
  return { unknown: unknown(), complete };
}

/** What a list shows as new, though nothing of it was taken in. */
function unknownIn(kind: Creations, list: readonly Sighting[]): readonly Sighting[] {
  const { unknown, complete } = listed(kind, list);
  assert.ok(complete());
  return unknown;
}

function existed(kind: Creations, list: readonly Sighting[]): void {
  const { take: takePage, complete } = kind.listedAtConsent();
  for (const sighting of list) takePage([sighting]);
  complete();
}

/** As after a restart. */
function restarted(kind: Creations): Creations {
  return creations(kind.ledger(), OPTIONS);
}

describe('consent that begins with the ledger, where what existed then can be asked', () => {
  const existing = [seen('old', BORN - 5_000), seen('before', BORN - 600), seen('same', BORN)];

  function setup() {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    assert.equal(kind.consentRevision(), '1000');
    existed(kind, existing);
    return kind;
  }

  it('asks it once', () => {
    assert.equal(setup().consentRevision(), undefined);
    assert.equal(restarted(setup()).consentRevision(), undefined);
  });

  it('no longer asks it when a list or the watch has answered in its place', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    kind.progressed('1001');
    assert.equal(kind.consentRevision(), undefined);
  });

  it('does not cover what existed, however often it has changed since', () => {
    const changed = existing.map(({ uid, createdAt }) => seen(uid, createdAt, '9000'));
    const kind = setup();
    assert.deepEqual(take(kind, changed), []);
    assert.deepEqual(take(restarted(kind), changed), []);
  });

  it('covers what a later list shows of the very second, also after the watch has made progress', () => {
    const kind = setup();
    kind.progressed('1001');
    assert.deepEqual(take(restarted(kind), [...existing, seen('new', BORN, '1002')]), ['new']);
  });

  it('covers what came later by a clock that is a quarter of an hour behind', () => {
    assert.deepEqual(take(setup(), [...existing, seen('new', BORN - 899, '1002')]), ['new']);
  });

  it('covers all that is found where nothing existed', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    existed(kind, []);
    assert.deepEqual(take(kind, [seen('new', BORN - 899, '1002')]), ['new']);
  });
});

describe('consent that begins with the ledger', () => {
  const cases = [
    {
      title: 'does not cover what was created a second before',
      one: seen('a', BORN - 1),
      told: [],
    },
    { title: 'covers what was created a second after', one: seen('a', BORN + 1, '1'), told: ['a'] },
    {
      title: 'covers what was created in the same second, but later in history',
      one: seen('a', BORN, '1001'),
      told: ['a'],
    },
    {
      title: 'does not cover what was created in the same second, but earlier in history',
      one: seen('a', BORN, '999'),
      told: [],
    },
    {
      title: 'does not cover what was created in the same second where history has no order',
      one: seen('a', BORN, 'opaque'),
      told: [],
    },
    {
      title: 'does not cover what was created earlier and changed since',
      one: seen('a', BORN - 1, '5000'),
      told: [],
    },
  ];
  for (const { title, one, told } of cases) {
    it(title, () => assert.deepEqual(take(creations(countingFrom(BIRTH), OPTIONS), [one]), told));
  }

  it('covers whatever the watch reports, which comes later in history by itself', () => {
    assert.equal(
      creations(countingFrom(BIRTH), OPTIONS).added(seen('a', BORN - 500, '1001')),
      true,
    );
  });

  it('takes the second of its beginning for known once the kind was listed', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    take(kind, []);
    assert.deepEqual(take(kind, [seen('a', BORN, '5000')]), []);
  });

  it('begins the watch at that moment', () => {
    assert.equal(creations(countingFrom(BIRTH), OPTIONS).start(), '1000');
  });

  it('goes on after a restart where it was', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    kind.progressed('3000');
    assert.equal(restarted(kind).start(), '3000');
  });
});

describe('consent that begins anew', () => {
  it('does not cover what the first list shows, nor that again', () => {
    const kind = creations(baselineAtNextList(), OPTIONS);
    const old = [seen('a', BORN), seen('b', BORN - 10_000), seen('c', BORN - 900)];
    assert.deepEqual(unknownIn(kind, old), []);
    kind.progressed('3000');
    assert.deepEqual(unknownIn(kind, old), []);
    assert.deepEqual(unknownIn(restarted(kind), old), []);
  });

  it('does not cover a resource that is as old as what is remembered reaches', () => {
    const kind = creations(baselineAtNextList(), OPTIONS);
    for (const age of [899, 900, 901]) {
      unknownIn(kind, [seen('old', BORN - age), seen('new', BORN)]);
      kind.progressed('3000');
      assert.deepEqual(unknownIn(kind, [seen('old', BORN - age)]), [], String(age));
    }
  });

  it('covers what comes after that list, by clocks up to a quarter of an hour behind', () => {
    const kind = creations(baselineAtNextList(), OPTIONS);
    take(kind, [seen('a', BORN)]);
    assert.deepEqual(take(kind, [seen('a', BORN), seen('b', BORN - 899)]), ['b']);
    assert.deepEqual(take(kind, [seen('c', BORN - 900)]), []);
    assert.equal(kind.added(seen('d', BORN - 900)), true);
  });

  it('has nothing to go on from but a list', () => {
    assert.equal(creations(baselineAtNextList(), OPTIONS).start(), undefined);
  });

  it('covers all of a kind that did not exist then', () => {
    const kind = creations(baselineAtNextList(), OPTIONS);
    kind.absent();
    assert.deepEqual(take(kind, [seen('a', BORN)]), ['a']);
  });
});

describe('a list', () => {
  it('is told in the order of creation', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    const list = [seen('c', BORN + 3), seen('a', BORN + 1), seen('b', BORN + 2)];
    assert.deepEqual(uids(unknownIn(kind, list)), ['a', 'b', 'c']);
    assert.deepEqual(uids(list), ['c', 'a', 'b']);
  });

  it('makes nothing known by itself, so that one that is cut off is told whole', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    const list = [seen('a', BORN + 1), seen('b', BORN + 2)];
    listed(kind, list);
    assert.deepEqual(take(kind, list), ['a', 'b']);
  });
});

describe('a creation time in the future', () => {
  const YEAR = 365 * 86_400;
  const AHEAD = BORN + 4 * YEAR;
  const at = (seenAt: number, sighting: Sighting) => ({ ...sighting, seenAt });

  function setup() {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    existed(kind, []);
    return kind;
  }

  it('reported by the watch costs no later creation that only a list shows', () => {
    const kind = setup();
    kind.remember(at(BORN + 10, seen('ahead', AHEAD)));
    kind.progressed('1500');
    const later = [seen('a', BORN + 11), seen('b', BORN + 2_000)];
    const list = [seen('ahead', AHEAD), ...later];
    assert.deepEqual(take(restarted(kind), list), ['a', 'b']);
  });

  it('is counted once, however often a list shows it and whatever was created since', () => {
    const kind = setup();
    const ahead = seen('ahead', AHEAD, '2000');
    kind.progressed('1500');
    assert.deepEqual(take(kind, [ahead]), ['ahead']);
    assert.deepEqual(take(kind, [ahead, seen('a', BORN + 50_000)]), ['a']);
    assert.deepEqual(take(restarted(kind), [{ ...ahead, resourceVersion: '9000' }]), []);
  });

  it('is not counted of what existed when consent began', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    existed(kind, [seen('old', AHEAD, '900')]);
    assert.deepEqual(take(kind, [seen('old', AHEAD, '5000'), seen('new', BORN + 1)]), ['new']);
    const anew = creations(baselineAtNextList(), OPTIONS);
    assert.deepEqual(take(anew, [seen('old', AHEAD, '900')]), []);
    assert.deepEqual(take(anew, [seen('old', AHEAD, '5000'), seen('new', BORN + 1)]), ['new']);
  });

  it('fills no memory for years, and lets none be forgotten that is in time', () => {
    const kind = setup();
    kind.progressed('1500');
    for (const sighting of many(RECENT_LIMIT + 500, { from: AHEAD, rate: 10 }))
      kind.remember(sighting);
    for (const sighting of many(1_000, { from: BORN, rate: 2 })) kind.remember(sighting);
    assert.ok(kind.ledger().recent.size <= RECENT_LIMIT);
    assert.deepEqual(uids(unknownIn(kind, [seen('new', BORN + 1)])), ['new']);
    assert.deepEqual(uids(unknownIn(kind, many(1_000, { from: BORN, rate: 2 }))), []);
  });

  describe('that an older program has let into the ledger', () => {
    const poisoned = {
      ...countingFrom(BIRTH),
      resourceVersion: '3000',
      watermark: AHEAD,
      floor: AHEAD - 900,
      recent: new Map([['ahead', AHEAD]]),
      snapshotTaken: true,
      synced: true,
    };

    it('is healed by a list: what came since is new, what was known is not', () => {
      const kind = creations(poisoned, OPTIONS);
      const old = [seen('before', BORN - 5, '4000'), seen('known', BORN + 5, '2999')];
      const list = [...old, seen('ahead', AHEAD, '2900'), seen('new', BORN + 7, '3001')];
      assert.deepEqual(take(kind, list), ['new']);
      assert.ok(kind.ledger().floor <= BORN + 7);
      assert.deepEqual(take(restarted(kind), [...list, seen('next', BORN + 8, '5000')]), ['next']);
    });

    it('stays until a list is complete, so that one that breaks off loses nothing', () => {
      const kind = creations(poisoned, OPTIONS);
      const list = [seen('known', BORN + 5, '2999'), seen('new', BORN + 7, '3001')];
      const { unknown } = listed(kind, list);
      for (const sighting of unknown) kind.remember(sighting);
      assert.equal(kind.ledger().floor, AHEAD - 900);
      assert.equal(kind.added(seen('new', BORN + 7, '3001')), false);
      assert.deepEqual(take(restarted(kind), list), ['new']);
    });

    it('is healed also where the ledger was made by a clock that was ahead', () => {
      const birth = { createdAt: AHEAD, resourceVersion: '1000' };
      const kind = creations(countingFrom(birth), { since: AHEAD });
      take(kind, [seen('old', BORN, '900')]);
      assert.deepEqual(take(kind, [seen('old', BORN, '900'), seen('new', BORN + 1)]), ['new']);
    });
  });
});

describe('a list with more that is new than is taken from one', () => {
  it('is followed by another, until all is known', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    existed(kind, []);
    const all = many(2 * LIST_LIMIT + 5, { from: BORN, rate: 100 });
    const told: string[] = [];
    let lists = 0;
    for (let isAll = false; !isAll; lists += 1) {
      const { unknown, complete } = listed(kind, all.toReversed());
      assert.ok(unknown.length <= LIST_LIMIT);
      for (const sighting of unknown) kind.remember(sighting);
      told.push(...uids(unknown));
      isAll = complete();
    }
    assert.deepEqual([lists, told.length, new Set(told).size], [3, all.length, all.length]);
    const secondOf = new Map(all.map(({ uid, createdAt }) => [uid, createdAt]));
    const seconds = told.map((uid) => secondOf.get(uid) ?? 0);
    assert.ok(seconds.every((second, index) => second >= (seconds[index - 1] ?? 0)));
  });
});

describe('what is remembered', () => {
  it('never exceeds its limit, and what is forgotten is known all the same', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    const all = many(RECENT_LIMIT + 1_000, { from: BORN, rate: 100 });
    for (const sighting of all) {
      kind.remember(sighting);
      assert.ok(kind.ledger().recent.size <= RECENT_LIMIT);
    }
    assert.deepEqual(unknownIn(kind, all), []);
    assert.deepEqual(unknownIn(restarted(kind), all), []);
  });

  it('is whatever was created in the last quarter of an hour, and no more', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    kind.remember(seen('a', BORN + 1));
    kind.remember(seen('b', BORN + 2));
    kind.remember(seen('c', BORN + 901));
    assert.deepEqual([...kind.ledger().recent.keys()], ['b', 'c']);
    assert.equal(kind.ledger().floor, BORN + 1);
  });

  it('loses the oldest first, not one that a fast clock has dated ahead', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    kind.remember(seen('ahead', BORN + 600));
    const all = many(RECENT_LIMIT + 10, { from: BORN, rate: 100 });
    for (const sighting of all) kind.remember(sighting);
    const next = seen('next', BORN + 40);
    assert.deepEqual(uids(unknownIn(restarted(kind), [...all, next])), ['next']);
  });

  it('forgets, of a second with more creations than its limit, which they were', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    for (const sighting of many(RECENT_LIMIT + 600, { from: BORN, rate: 10_000 }))
      kind.remember(sighting);
    assert.deepEqual(unknownIn(kind, [seen('late', BORN + 1)]), []);
    assert.equal(kind.added(seen('late', BORN + 1)), true);
  });

  it('does not go back when a clock does', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    kind.remember(seen('a', BORN + 5_000));
    const { watermark, floor } = kind.ledger();
    kind.remember(seen('b', BORN + 10));
    assert.deepEqual(
      { watermark: kind.ledger().watermark, floor: kind.ledger().floor },
      { watermark, floor },
    );
    assert.ok(!kind.ledger().recent.has('b'));
  });

  it('is all that is known: a UID is remembered or older than the floor, whatever the order', () => {
    const age = fc.nat(3_000);
    fc.assert(
      fc.property(fc.array(age, { size: 'max', maxLength: 200 }), fc.boolean(), (ages, anew) => {
        const kind = creations(
          anew ? { ...baselineAtNextList(), baseline: false } : countingFrom(BIRTH),
          OPTIONS,
        );
        const all = ages.map((age, index) => seen(`${index}`, BORN + 3_000 - age));
        for (const one of all) kind.remember(one);
        const { recent, floor } = kind.ledger();
        const unknown = all.filter(({ uid, createdAt }) => !recent.has(uid) && createdAt > floor);
        assert.deepEqual(unknown, []);
        assert.deepEqual(
          [...recent].filter(([, createdAt]) => createdAt <= floor),
          [],
        );
      }),
    );
  });
});

describe('the watch', () => {
  it('reports one as new once', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    const one = seen('a', BORN + 1);
    assert.equal(kind.added(one), true);
    kind.remember(one);
    assert.equal(kind.added(one), false);
    assert.equal(restarted(kind).added(one), false);
  });

  it('reports one that a list has shown as known', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    take(kind, [seen('a', BORN + 1)]);
    assert.equal(kind.added(seen('a', BORN + 1)), false);
  });

  describe('reports a deletion', () => {
    const cases = [
      { title: 'of one that nothing has shown: its creation was missed', one: seen('x', BORN + 5) },
      {
        title: 'of one that is known: nothing was missed',
        one: seen('a', BORN + 1),
        missed: false,
      },
      { title: 'of one of the ledger’s own second', one: seen('x', BORN), missed: false },
      { title: 'of one from before consent began', one: seen('x', BORN - 9), missed: false },
      { title: 'of one that is dated ahead', one: seen('x', SEEN + 5_000), missed: false },
    ];
    for (const { title, one, missed = true } of cases) {
      it(title, () => {
        const kind = creations(countingFrom(BIRTH), OPTIONS);
        take(kind, [seen('a', BORN + 1)]);
        assert.equal(kind.hasMissed(one), missed);
        kind.remember(one);
        assert.equal(restarted(kind).hasMissed(one), false, 'it is known then');
      });
    }

    it('of one that was created long before all that is remembered', () => {
      const kind = creations(countingFrom(BIRTH), OPTIONS);
      take(kind, [seen('a', BORN + 50_000)]);
      assert.equal(kind.hasMissed(seen('x', BORN + 9)), false);
    });

    it('before the first list after consent: it is not counted', () => {
      assert.equal(creations(baselineAtNextList(), OPTIONS).hasMissed(seen('x', BORN + 5)), false);
    });

    it('of one that existed when consent began', () => {
      const kind = creations(countingFrom(BIRTH), OPTIONS);
      existed(kind, [seen('old', BORN - 5), seen('same', BORN)]);
      assert.equal(kind.hasMissed(seen('old', BORN - 5)), false);
      assert.equal(kind.hasMissed(seen('new', BORN)), true);
    });
  });

  it('leaves the value that was given alone', () => {
    const kind = creations(countingFrom(BIRTH), OPTIONS);
    const before = kind.ledger();
    kind.remember(seen('a', BORN + 1));
    kind.progressed('9');
    assert.deepEqual(before, countingFrom(BIRTH));
  });
});
