import { NO_DAY } from '../rollup-snapshot.ts';
import { hasDay, neighboursOf, withDay } from './active-days.ts';
import type { Name } from './names.ts';
import type { GapChange, RollupTables, Subject, TallyChange } from './rollup-tables.ts';

/** An event that was just stored. */
export interface CountedEvent {
  readonly name: Name;
  /** The UTC day that it counts for, in days since the epoch. */
  readonly day: number;
  readonly userId: string;
  /** The bytes of `userId`. */
  readonly user: Uint8Array;
}

/** Counts the events of one transaction. */
export interface Rollup {
  readonly add: (event: CountedEvent) => void;
  /** Writes the counts. Nothing may be added after that. */
  readonly write: () => void;
}

/**
 * Starts to count the events of a transaction.
 *
 * The order of arrival makes no difference. A new day between two active days of its subject becomes
 * the day before the later one, and a new first day takes the newcomer from the first one so far.
 */
export function startRollup(tables: RollupTables): Rollup {
  const subjects = new Map<number, Map<string, Subject>>();
  const tallies = new Map<string, TallyChange>();
  const gaps = new Map<string, GapChange>();

  function subjectOf({ name: { id: name }, userId, user }: CountedEvent): Subject {
    const ofName = getOrAdd(subjects, name, () => new Map());
    return getOrAdd(ofName, userId, () => {
      return { name, userId: user, days: tables.daysOf({ name, userId: user }) };
    });
  }

  function tallyOf({ name, day }: Pick<TallyChange, 'name' | 'day'>): TallyChange {
    const create = () => ({ name, day, messages: 0, subjects: 0, newcomers: 0 });
    return getOrAdd(tallies, `${name} ${day}`, create);
  }

  function gapOf({ name, day, previousDay }: Omit<GapChange, 'subjects'>): GapChange {
    const create = () => ({ name, day, previousDay, subjects: 0 });
    return getOrAdd(gaps, `${name} ${day} ${previousDay}`, create);
  }

  /** Counts a subject on another day, of which `previous` is the active day before it. */
  function count(
    { name: { id: name }, day }: CountedEvent,
    { previous, by }: { previous: number; by: 1 | -1 },
  ) {
    gapOf({ name, day, previousDay: previous }).subjects += by;
    const tally = tallyOf({ name, day });
    tally.subjects += by;
    if (previous === NO_DAY) tally.newcomers += by;
  }

  function addDay(event: CountedEvent): void {
    const { day } = event;
    const subject = subjectOf(event);
    if (hasDay(subject.days, day)) return;
    const { previous = NO_DAY, next } = neighboursOf(subject.days, day);
    subject.days = withDay(subject.days, day);
    count(event, { previous, by: 1 });
    if (next === undefined) return;
    const later = { ...event, day: next };
    count(later, { previous, by: -1 });
    count(later, { previous: day, by: 1 });
  }

  return {
    add(event) {
      tallyOf({ name: event.name.id, day: event.day }).messages += 1;
      if (event.name.isBySubject) addDay(event);
    },
    write: () =>
      tables.write({
        subjects: subjects.values().flatMap((ofName) => ofName.values()),
        tallies: tallies.values(),
        gaps: gaps.values(),
      }),
  };
}

function getOrAdd<Key, T>(map: Map<Key, T>, key: Key, create: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
