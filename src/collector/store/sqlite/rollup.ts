import { NO_DAY } from '../rollup-snapshot.ts';
import { type ActiveDays, hasDay, neighboursOf, withDay } from './active-days.ts';

/** A subject and the days on which it sent an event. Days are UTC days since the epoch. */
export interface Subject {
  /** The id of the event's name. */
  readonly name: number;
  readonly userId: Uint8Array;
  readonly days: ActiveDays;
}

/** What is added to the tally of one event on one day. */
export interface TallyChange {
  readonly name: number;
  readonly day: number;
  messages: number;
  subjects: number;
  newcomers: number;
}

/** What is added to the subjects of one event on one day that have the same day before it. */
export interface GapChange {
  readonly name: number;
  readonly day: number;
  readonly previousDay: number;
  subjects: number;
}

/** What events add to the tables that are derived from them. */
export interface RollupChanges {
  readonly tallies: Iterable<TallyChange>;
  readonly gaps: Iterable<GapChange>;
}

/** Counts events that are not in the tables yet. */
export interface Rollup extends RollupChanges {
  readonly addMessages: (messages: Pick<TallyChange, 'name' | 'day' | 'messages'>) => void;
  /** Counts a subject on more days. Returns all of its days, with which the subject can be added again. */
  readonly addDays: (subject: Omit<Subject, 'userId'>, days: readonly number[]) => ActiveDays;
}

/**
 * Starts to count events.
 *
 * Their order makes no difference. A new day between two active days of its subject becomes
 * the day before the later one, and a new first day takes the newcomer from the first one so far.
 */
export function startRollup(): Rollup {
  const tallies = new Map<number, Map<number, TallyChange>>();
  const gaps = new Map<TallyChange, Map<number, GapChange>>();

  function tallyOf({ name, day }: Pick<TallyChange, 'name' | 'day'>): TallyChange {
    const ofName = getOrAdd(tallies, name, () => new Map<number, TallyChange>());
    const create = () => ({ name, day, messages: 0, subjects: 0, newcomers: 0 });
    return getOrAdd(ofName, day, create);
  }

  /** Counts a subject on a day, of which `previousDay` is the active day before it. */
  function count(
    { name, day, previousDay }: Omit<GapChange, 'subjects'>,
    { by }: { readonly by: 1 | -1 },
  ): void {
    const tally = tallyOf({ name, day });
    const create = () => ({ name, day, previousDay, subjects: 0 });
    const ofDay = getOrAdd(gaps, tally, () => new Map<number, GapChange>());
    getOrAdd(ofDay, previousDay, create).subjects += by;
    tally.subjects += by;
    if (previousDay === NO_DAY) tally.newcomers += by;
  }

  function addDay({ name, days }: Omit<Subject, 'userId'>, day: number): ActiveDays {
    if (hasDay(days, day)) return days;
    const { previous = NO_DAY, next } = neighboursOf(days, day);
    count({ name, day, previousDay: previous }, { by: 1 });
    if (next !== undefined) {
      count({ name, day: next, previousDay: previous }, { by: -1 });
      count({ name, day: next, previousDay: day }, { by: 1 });
    }
    return withDay(days, day);
  }

  return {
    addMessages(added) {
      tallyOf(added).messages += added.messages;
    },
    addDays: ({ name, days }, added) =>
      added.reduce((known, day) => addDay({ name, days: known }, day), days),
    tallies: { [Symbol.iterator]: () => tallies.values().flatMap((ofName) => ofName.values()) },
    gaps: { [Symbol.iterator]: () => gaps.values().flatMap((ofDay) => ofDay.values()) },
  };
}

function getOrAdd<Key, T>(map: Map<Key, T>, key: Key, create: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
