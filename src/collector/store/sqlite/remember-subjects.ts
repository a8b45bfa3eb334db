import type { SubjectsOptions } from '../snapshot.ts';
import type { Queries } from './queries.ts';

/** The most ranges that are remembered: some hundred bytes each. */
const MAX_RANGES = 2_000;

interface Remembered {
  /** How many events there were when the subjects were counted. */
  readonly messages: number;
  readonly subjects: number;
}

/**
 * Wraps queries so that the subjects of a range are counted again only after a new event in it.
 *
 * Events are never removed, so the number of events in a range tells whether one was added. The
 * tallies have that number. This holds for events of other processes too.
 */
export function rememberSubjects(queries: Queries): Queries {
  /** In the order of counting. */
  const remembered = new Map<string, Remembered>();

  function subjects(options: SubjectsOptions): number {
    const { source, name, from, to } = options;
    const key = [source, name, from, to].join(' ');
    // Read first: an event that another process adds in between leads to another count next time.
    const messages = messagesIn(queries, options);
    const known = remembered.get(key);
    if (known?.messages === messages) return known.subjects;
    const counted = queries.subjects(options);
    remembered.delete(key);
    remembered.set(key, { messages, subjects: counted });
    const [oldest = ''] = remembered.keys();
    if (remembered.size > MAX_RANGES) remembered.delete(oldest);
    return counted;
  }

  return { ...queries, subjects };
}

function messagesIn(queries: Queries, { source, name, ...range }: SubjectsOptions): number {
  return queries
    .tallies(range)
    .filter((tally) => tally.source === source && tally.name === name)
    .reduce((sum, { messages }) => sum + messages, 0);
}
