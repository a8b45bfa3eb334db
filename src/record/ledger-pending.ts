import { CATALOGUE } from '../event.ts';
import type { Occurrence, OccurrenceName } from './events.ts';
import { array, fields, optional, packed, unpacked } from './json-fields.ts';
import { type Ledger, PENDING_LIMIT } from './ledger.ts';

/** More than `PENDING_LIMIT`: the install and heartbeats are enqueued beyond the capacity. */
const PENDING_READ_LIMIT = PENDING_LIMIT + 100;

/** The event names that this version enqueues. */
export const OWN_NAMES: readonly OccurrenceName[] = CATALOGUE.flatMap((entry) =>
  entry.source === 'kusk-gateway' && entry.name !== 'analytics-disabled' ? [entry.name] : [],
);

/**
 * The names that every version reads. Others are stored in a field that the first version ignores, so
 * nothing may be added here.
 */
const FIRST_NAMES: readonly string[] = [
  'install',
  'heartbeat',
  'api-created',
  'static-route-created',
  'envoy-fleet-created',
];

/** Returns the pending events by name. */
export function writePending({ pending, carried }: Ledger) {
  const byName = Object.groupBy(pending, ({ name }) => name);
  const own = Object.entries(byName).map(([name, occurrences = []]) => [
    name,
    occurrences.map(({ subject, at }) => packed(subject, at)),
  ]);
  const all = [...own, ...Object.entries(carried.pending)];
  const isFirst = ([name]: readonly unknown[]) => FIRST_NAMES.includes(String(name));
  const later = Object.fromEntries(all.filter((entry) => !isFirst(entry)));
  return {
    pending: Object.fromEntries(all.filter(isFirst)),
    laterPending: Object.keys(later).length > 0 ? later : undefined,
  };
}

/** Returns all pending events by name, unchecked. */
export function pendingIn(
  root: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const later = optional(root.laterPending, (value) => fields(value, 'laterPending'));
  return { ...fields(root.pending, 'pending'), ...later };
}

/** Returns the pending events that this version may send, in the order of the text. */
export function readPending(byName: Readonly<Record<string, unknown>>): readonly Occurrence[] {
  return Object.entries(byName).flatMap(([key, occurrences]) => {
    const name = OWN_NAMES.find((own) => own === key);
    if (name === undefined) return [];
    const items = array(occurrences, { limit: PENDING_READ_LIMIT, name: `pending.${name}` });
    return items.map((item) => {
      const [subject, at] = unpacked(item);
      return { name, subject, at };
    });
  });
}
