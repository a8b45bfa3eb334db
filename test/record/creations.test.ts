import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Sighting } from '../../src/event.ts';
import { type Creations, creations, LIST_LIMIT, RECENT_LIMIT } from '../../src/record/creations.ts';
import { baselineAtNextList, countingFrom } from '../../src/record/kind-ledger.ts';

const STARTED = 1_795_434_161;
/** The current time, after every creation that is dated correctly. */
const SEEN = STARTED + 100_000;
const OPTIONS = { since: STARTED };
const CONSENT_START = { createdAt: STARTED, resourceVersion: '1000' };

function seen(uid: string, createdAt: number, resourceVersion = '2000'): Sighting {
  return { kind: 'API', uid, createdAt, resourceVersion, seenAt: SEEN };
}

/** Returns `count` resources, `rate` per second, from the second after `from`. */
function many(count: number, { from, rate }: { from: number; rate: number }): readonly Sighting[] {
  return Array.from({ length: count }, (_, index) =>
    seen(`${from}-${index}`, from + 1 + Math.floor(index / rate)),
  );
}

const uids = (sightings: readonly Sighting[]) => sightings.map(({ uid }) => uid);

/** Completes a list as the operator does, and returns the UIDs that were new. */
function take(kind: Creations, list: readonly Sighting[]): readonly string[] {
  const { unknown, complete } = listed(kind, list);
  for (const sighting of unknown) kind.remember(sighting);
  assert.ok(complete());
  kind.progressed('3000');
  return uids(unknown);
}

/** Passes a list in pages of two. */
function listed(kind: Creations, list: readonly Sighting[]) {
  const { take: takePage, unknown, complete } = kind.listing();
  for (let from = 0; from < list.length; from += 2) takePage(list.slice(from, from + 2));
  return { unknown: unknown(), complete };
}

/** Returns the new resources of a list, without remembering them. */
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

/** Returns the same kind after a restart. */
function restarted(kind: Creations): Creations {
  return creations(kind.ledger(), OPTIONS);
}

describe('consent that begins with the ledger, if its resourceVersion can be listed', () => {
  const existing = [
    seen('old', STARTED - 5_000),
    seen('before', STARTED - 600),
    seen('same', STARTED),
  ];

  function setup() {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    assert.equal(kind.consentRevision(), '1000');
    existed(kind, existing);
    return kind;
  }

  it('lists it once', () => {
    assert.equal(setup().consentRevision(), undefined);
    assert.equal(restarted(setup()).consentRevision(), undefined);
  });

  it('does not list it after another list or progress of the watch', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    kind.progressed('1001');
    assert.equal(kind.consentRevision(), undefined);
  });

  it('does not cover what existed, however often it changed since', () => {
    const changed = existing.map(({ uid, createdAt }) => seen(uid, createdAt, '9000'));
    const kind = setup();
    assert.deepEqual(take(kind, changed), []);
    assert.deepEqual(take(restarted(kind), changed), []);
  });

  it('covers new resources of the same second in a later list, also after progress of the watch', () => {
    const kind = setup();
    kind.progressed('1001');
    assert.deepEqual(take(restarted(kind), [...existing, seen('new', STARTED, '1002')]), ['new']);
  });

  it('covers later resources dated by a clock that is 15 minutes behind', () => {
    assert.deepEqual(take(setup(), [...existing, seen('new', STARTED - 899, '1002')]), ['new']);
  });

  it('covers every resource if none existed', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    existed(kind, []);
    assert.deepEqual(take(kind, [seen('new', STARTED - 899, '1002')]), ['new']);
  });
});

describe('consent that begins with the ledger', () => {
  const cases = [
    {
      title: 'does not cover what was created a second before',
      one: seen('a', STARTED - 1),
      counted: [],
    },
    {
      title: 'covers what was created a second after',
      one: seen('a', STARTED + 1, '1'),
      counted: ['a'],
    },
    {
      title: 'covers what was created in the same second at a later resourceVersion',
      one: seen('a', STARTED, '1001'),
      counted: ['a'],
    },
    {
      title: 'does not cover what was created in the same second at an earlier resourceVersion',
      one: seen('a', STARTED, '999'),
      counted: [],
    },
    {
      title: 'does not cover what was created in the same second if resourceVersions have no order',
      one: seen('a', STARTED, 'opaque'),
      counted: [],
    },
    {
      title: 'does not cover what was created earlier and changed since',
      one: seen('a', STARTED - 1, '5000'),
      counted: [],
    },
  ];
  for (const { title, one, counted } of cases) {
    it(title, () =>
      assert.deepEqual(take(creations(countingFrom(CONSENT_START), OPTIONS), [one]), counted),
    );
  }

  it('covers everything that the watch reports, because it has a later resourceVersion', () => {
    assert.equal(
      creations(countingFrom(CONSENT_START), OPTIONS).added(seen('a', STARTED - 500, '1001')),
      true,
    );
  });

  it('treats its first second as known once the kind was listed', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    take(kind, []);
    assert.deepEqual(take(kind, [seen('a', STARTED, '5000')]), []);
  });

  it('starts the watch at its resourceVersion', () => {
    assert.equal(creations(countingFrom(CONSENT_START), OPTIONS).start(), '1000');
  });

  it('continues from the same resourceVersion after a restart', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    kind.progressed('3000');
    assert.equal(restarted(kind).start(), '3000');
  });
});

describe('consent that begins with the next list', () => {
  it('does not cover what the first list shows, nor the same in later lists', () => {
    const kind = creations(baselineAtNextList(), OPTIONS);
    const old = [seen('a', STARTED), seen('b', STARTED - 10_000), seen('c', STARTED - 900)];
    assert.deepEqual(unknownIn(kind, old), []);
    kind.progressed('3000');
    assert.deepEqual(unknownIn(kind, old), []);
    assert.deepEqual(unknownIn(restarted(kind), old), []);
  });

  it('does not cover a resource at the age limit of what is remembered', () => {
    const kind = creations(baselineAtNextList(), OPTIONS);
    for (const age of [899, 900, 901]) {
      unknownIn(kind, [seen('old', STARTED - age), seen('new', STARTED)]);
      kind.progressed('3000');
      assert.deepEqual(unknownIn(kind, [seen('old', STARTED - age)]), [], String(age));
    }
  });

  it('covers what is created after that list, by clocks up to 15 minutes behind', () => {
    const kind = creations(baselineAtNextList(), OPTIONS);
    take(kind, [seen('a', STARTED)]);
    assert.deepEqual(take(kind, [seen('a', STARTED), seen('b', STARTED - 899)]), ['b']);
    assert.deepEqual(take(kind, [seen('c', STARTED - 900)]), []);
    assert.equal(kind.added(seen('d', STARTED - 900)), true);
  });

  it('has no resourceVersion to watch from before the list', () => {
    assert.equal(creations(baselineAtNextList(), OPTIONS).start(), undefined);
  });

  it('covers what was created before a time at which the kind did not exist', () => {
    const kind = creations(baselineAtNextList(), OPTIONS);
    kind.absent(STARTED);
    const list = [seen('older', STARTED), seen('newer', STARTED + 1)];
    assert.deepEqual(take(restarted(kind), list), ['newer']);
    assert.deepEqual(take(kind, list), ['newer']);
    assert.equal(kind.hasMissed(seen('another', STARTED)), false);
    assert.equal(kind.hasMissed(seen('another', STARTED + 1)), true);
  });

  it('is not concerned by a kind that does not exist for a while after it', () => {
    const kind = creations(baselineAtNextList(), OPTIONS);
    take(kind, [seen('a', STARTED)]);
    kind.progressed('3000');
    assert.equal(kind.absent(STARTED + 60), false);
    assert.deepEqual(take(kind, [seen('a', STARTED), seen('b', STARTED + 1)]), ['b']);
  });
});

describe('a list', () => {
  it('returns new resources in the order of creation', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    const list = [seen('c', STARTED + 3), seen('a', STARTED + 1), seen('b', STARTED + 2)];
    assert.deepEqual(uids(unknownIn(kind, list)), ['a', 'b', 'c']);
    assert.deepEqual(uids(list), ['c', 'a', 'b']);
  });

  it('marks nothing as known by itself, so that an interrupted list is counted completely', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    const list = [seen('a', STARTED + 1), seen('b', STARTED + 2)];
    listed(kind, list);
    assert.deepEqual(take(kind, list), ['a', 'b']);
  });
});

describe('a creation time in the future', () => {
  const YEAR = 365 * 86_400;
  const AHEAD = STARTED + 4 * YEAR;
  const at = (seenAt: number, sighting: Sighting) => ({ ...sighting, seenAt });

  function setup() {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    existed(kind, []);
    return kind;
  }

  it('reported by the watch hides no later creation that only a list shows', () => {
    const kind = setup();
    kind.remember(at(STARTED + 10, seen('ahead', AHEAD)));
    kind.progressed('1500');
    const later = [seen('a', STARTED + 11), seen('b', STARTED + 2_000)];
    const list = [seen('ahead', AHEAD), ...later];
    assert.deepEqual(take(restarted(kind), list), ['a', 'b']);
  });

  it('is counted once, however often lists show it', () => {
    const kind = setup();
    const ahead = seen('ahead', AHEAD, '2000');
    kind.progressed('1500');
    assert.deepEqual(take(kind, [ahead]), ['ahead']);
    assert.deepEqual(take(kind, [ahead, seen('a', STARTED + 50_000)]), ['a']);
    assert.deepEqual(take(restarted(kind), [{ ...ahead, resourceVersion: '9000' }]), []);
  });

  it('is not counted for a resource that existed when consent began', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    existed(kind, [seen('old', AHEAD, '900')]);
    assert.deepEqual(take(kind, [seen('old', AHEAD, '5000'), seen('new', STARTED + 1)]), ['new']);
    const again = creations(baselineAtNextList(), OPTIONS);
    assert.deepEqual(take(again, [seen('old', AHEAD, '900')]), []);
    assert.deepEqual(take(again, [seen('old', AHEAD, '5000'), seen('new', STARTED + 1)]), ['new']);
  });

  it('does not fill the memory, and displaces no correctly dated resource', () => {
    const kind = setup();
    kind.progressed('1500');
    for (const sighting of many(RECENT_LIMIT + 500, { from: AHEAD, rate: 10 }))
      kind.remember(sighting);
    for (const sighting of many(1_000, { from: STARTED, rate: 2 })) kind.remember(sighting);
    assert.ok(kind.ledger().recent.size <= RECENT_LIMIT);
    assert.deepEqual(uids(unknownIn(kind, [seen('new', STARTED + 1)])), ['new']);
    assert.deepEqual(uids(unknownIn(kind, many(1_000, { from: STARTED, rate: 2 }))), []);
  });

  describe('that an older program wrote to the ledger', () => {
    const poisoned = {
      ...countingFrom(CONSENT_START),
      resourceVersion: '3000',
      watermark: AHEAD,
      floor: AHEAD - 900,
      recent: new Map([['ahead', AHEAD]]),
      snapshotTaken: true,
      synced: true,
    };

    it('is repaired by a list: later resources are new, known ones are not', () => {
      const kind = creations(poisoned, OPTIONS);
      const old = [seen('before', STARTED - 5, '4000'), seen('known', STARTED + 5, '2999')];
      const list = [...old, seen('ahead', AHEAD, '2900'), seen('new', STARTED + 7, '3001')];
      assert.deepEqual(take(kind, list), ['new']);
      assert.ok(kind.ledger().floor <= STARTED + 7);
      assert.deepEqual(take(restarted(kind), [...list, seen('next', STARTED + 8, '5000')]), [
        'next',
      ]);
    });

    it('stays until a list is complete, so that an interrupted list loses nothing', () => {
      const kind = creations(poisoned, OPTIONS);
      const list = [seen('known', STARTED + 5, '2999'), seen('new', STARTED + 7, '3001')];
      const { unknown } = listed(kind, list);
      for (const sighting of unknown) kind.remember(sighting);
      assert.equal(kind.ledger().floor, AHEAD - 900);
      assert.equal(kind.added(seen('new', STARTED + 7, '3001')), false);
      assert.deepEqual(take(restarted(kind), list), ['new']);
    });

    it('is repaired also if the ledger was created by a clock that was ahead', () => {
      const start = { createdAt: AHEAD, resourceVersion: '1000' };
      const kind = creations(countingFrom(start), { since: AHEAD });
      take(kind, [seen('old', STARTED, '900')]);
      assert.deepEqual(take(kind, [seen('old', STARTED, '900'), seen('new', STARTED + 1)]), [
        'new',
      ]);
    });
  });
});

describe('a list with more new resources than the limit', () => {
  it('is followed by others until all resources are known', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    existed(kind, []);
    const all = many(2 * LIST_LIMIT + 5, { from: STARTED, rate: 100 });
    const counted: string[] = [];
    let lists = 0;
    for (let isAll = false; !isAll; lists += 1) {
      const { unknown, complete } = listed(kind, all.toReversed());
      assert.ok(unknown.length <= LIST_LIMIT);
      for (const sighting of unknown) kind.remember(sighting);
      counted.push(...uids(unknown));
      isAll = complete();
    }
    assert.deepEqual([lists, counted.length, new Set(counted).size], [3, all.length, all.length]);
    const secondOf = new Map(all.map(({ uid, createdAt }) => [uid, createdAt]));
    const seconds = counted.map((uid) => secondOf.get(uid) ?? 0);
    assert.ok(seconds.every((second, index) => second >= (seconds[index - 1] ?? 0)));
  });
});

describe('what is remembered', () => {
  it('never exceeds its limit, and resources whose UIDs were dropped stay known', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    const all = many(RECENT_LIMIT + 1_000, { from: STARTED, rate: 100 });
    for (const sighting of all) {
      kind.remember(sighting);
      assert.ok(kind.ledger().recent.size <= RECENT_LIMIT);
    }
    assert.deepEqual(unknownIn(kind, all), []);
    assert.deepEqual(unknownIn(restarted(kind), all), []);
  });

  it('covers the last 15 minutes of creations, and no more', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    kind.remember(seen('a', STARTED + 1));
    kind.remember(seen('b', STARTED + 2));
    kind.remember(seen('c', STARTED + 901));
    assert.deepEqual([...kind.ledger().recent.keys()], ['b', 'c']);
    assert.equal(kind.ledger().floor, STARTED + 1);
  });

  it('drops the oldest first, not a resource that a fast clock dated ahead', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    kind.remember(seen('ahead', STARTED + 600));
    const all = many(RECENT_LIMIT + 10, { from: STARTED, rate: 100 });
    for (const sighting of all) kind.remember(sighting);
    const next = seen('next', STARTED + 40);
    assert.deepEqual(uids(unknownIn(restarted(kind), [...all, next])), ['next']);
  });

  it('drops the UIDs of a second with more creations than its limit', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    for (const sighting of many(RECENT_LIMIT + 600, { from: STARTED, rate: 10_000 }))
      kind.remember(sighting);
    assert.deepEqual(unknownIn(kind, [seen('late', STARTED + 1)]), []);
    assert.equal(kind.added(seen('late', STARTED + 1)), true);
  });

  it('does not go back with a clock', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    kind.remember(seen('a', STARTED + 5_000));
    const { watermark, floor } = kind.ledger();
    kind.remember(seen('b', STARTED + 10));
    assert.deepEqual(
      { watermark: kind.ledger().watermark, floor: kind.ledger().floor },
      { watermark, floor },
    );
    assert.ok(!kind.ledger().recent.has('b'));
  });

  it('holds every UID that is newer than the floor, in any order of creation', () => {
    const age = fc.nat(3_000);
    fc.assert(
      fc.property(fc.array(age, { size: 'max', maxLength: 200 }), fc.boolean(), (ages, again) => {
        const kind = creations(
          again ? { ...baselineAtNextList(), baseline: false } : countingFrom(CONSENT_START),
          OPTIONS,
        );
        const all = ages.map((age, index) => seen(`${index}`, STARTED + 3_000 - age));
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
  it('reports a resource as new once', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    const one = seen('a', STARTED + 1);
    assert.equal(kind.added(one), true);
    kind.remember(one);
    assert.equal(kind.added(one), false);
    assert.equal(restarted(kind).added(one), false);
  });

  it('reports a resource that a list showed as known', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    take(kind, [seen('a', STARTED + 1)]);
    assert.equal(kind.added(seen('a', STARTED + 1)), false);
  });

  describe('reports a deletion', () => {
    const cases = [
      {
        title: 'of a resource that was never seen: its creation was missed',
        one: seen('x', STARTED + 5),
      },
      {
        title: 'of a known resource: nothing was missed',
        one: seen('a', STARTED + 1),
        missed: false,
      },
      {
        title: 'of a resource created in the same second as the ledger',
        one: seen('x', STARTED),
        missed: false,
      },
      {
        title: 'of a resource from before consent began',
        one: seen('x', STARTED - 9),
        missed: false,
      },
      { title: 'of a resource that is dated ahead', one: seen('x', SEEN + 5_000), missed: false },
    ];
    for (const { title, one, missed = true } of cases) {
      it(title, () => {
        const kind = creations(countingFrom(CONSENT_START), OPTIONS);
        take(kind, [seen('a', STARTED + 1)]);
        assert.equal(kind.hasMissed(one), missed);
        kind.remember(one);
        assert.equal(restarted(kind).hasMissed(one), false, 'it is known then');
      });
    }

    it('of a resource created long before the remembered ones', () => {
      const kind = creations(countingFrom(CONSENT_START), OPTIONS);
      take(kind, [seen('a', STARTED + 50_000)]);
      assert.equal(kind.hasMissed(seen('x', STARTED + 9)), false);
    });

    it('before the first list after consent: it is not counted', () => {
      assert.equal(
        creations(baselineAtNextList(), OPTIONS).hasMissed(seen('x', STARTED + 5)),
        false,
      );
    });

    it('of a resource that existed when consent began', () => {
      const kind = creations(countingFrom(CONSENT_START), OPTIONS);
      existed(kind, [seen('old', STARTED - 5), seen('same', STARTED)]);
      assert.equal(kind.hasMissed(seen('old', STARTED - 5)), false);
      assert.equal(kind.hasMissed(seen('new', STARTED)), true);
    });
  });

  it('does not change the ledger that it was created from', () => {
    const kind = creations(countingFrom(CONSENT_START), OPTIONS);
    const before = kind.ledger();
    kind.remember(seen('a', STARTED + 1));
    kind.progressed('9');
    assert.deepEqual(before, countingFrom(CONSENT_START));
  });
});
