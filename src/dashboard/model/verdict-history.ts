import { isLater } from '../../event.ts';
import type { ConsentStart } from '../../record/consent-start.ts';
import type { CountedHistory, CountedPeriod } from '../../record/counted-history.ts';
import type { SeenResource } from './resource-reader.ts';
import type { Verdict } from './view.ts';

type Seen = Pick<SeenResource, 'createdAt' | 'resourceVersion'>;

/** The ledger of an operator in another namespace is not read. */
export const ELSEWHERE = verdict(
  'unknown',
  'An operator in another namespace may have counted it.',
);
const FORGOTTEN = verdict('unknown', 'It is older than what the ledger remembers.');

/** Returns whether a resource that existed when the present count began was counted before. */
export function fromHistory(resource: Seen, { periods, complete }: CountedHistory): Verdict {
  for (const period of periods.toReversed()) {
    const found = fromPeriod(resource, period);
    if (found !== undefined) return found;
  }
  return complete ? verdict('not-counted', 'It existed before telemetry began.') : FORGOTTEN;
}

/** Returns `undefined` for what existed when the period began. */
function fromPeriod(
  resource: Seen,
  { began, after, until, ended }: CountedPeriod,
): Verdict | undefined {
  if (resource.createdAt < began) return undefined;
  const end = isoOf(ended);
  if (resource.createdAt > ended) {
    return verdict('not-counted', `It was created while telemetry was off, after ${end}.`);
  }
  if (sideOf(resource, until) !== 'before') {
    return verdict('unknown', `It was created shortly before telemetry was switched off, ${end}.`);
  }
  const side = sideOf(resource, after);
  if (side === 'before') return resource.createdAt > began ? beforeFirstList(began) : undefined;
  if (side === 'unclear') return sameSecond(after);
  return verdict('counted', `Its creation was counted, before telemetry was switched off, ${end}.`);
}

/**
 * Returns whether a resource existed at a moment or was created after it. Creation times are whole seconds:
 * within the second, a resource that has not changed since existed, and any other is unclear.
 */
export function sideOf(
  { createdAt, resourceVersion }: Seen,
  moment: ConsentStart,
): 'before' | 'after' | 'unclear' {
  if (createdAt < moment.createdAt) return 'before';
  const isLaterChange = isLater(resourceVersion, moment.resourceVersion);
  if (createdAt > moment.createdAt) return isLaterChange ? 'after' : 'unclear';
  return isLaterChange ? 'unclear' : 'before';
}

/**
 * Between the start of a consent and the first list after it, nothing is counted. But if the operator is killed
 * then, a second list takes its place, and what was counted after the first one seems to be older.
 */
export function beforeFirstList(began: number): Verdict {
  const why = `It was created shortly after telemetry was switched on, ${isoOf(began)}.`;
  return verdict('unknown', why);
}

export function sameSecond({ createdAt }: ConsentStart): Verdict {
  const why = `It was created in the second in which the count began, ${isoOf(createdAt)}.`;
  return verdict('unknown', why);
}

export function verdict(state: Verdict['state'], why: string): Verdict {
  return { state, why };
}

/** Returns a time in seconds since the epoch in words: `2026-11-23 11:42:41 UTC`. */
function isoOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return 'at a time that no calendar has';
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
