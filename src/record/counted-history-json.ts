import type { ConsentStart } from './consent-start.ts';
import {
  type CountedHistory,
  type CountedPeriod,
  HISTORY_UNKNOWN,
  NOTHING_COUNTED,
  PERIODS_KEPT,
} from './counted-history.ts';
import {
  array,
  boundedText,
  fields,
  MalformedLedgerError,
  nonNegative,
  oneOf,
} from './json-fields.ts';

/** The last time that a date can have, in seconds since the epoch. @see https://tc39.es/ecma262/#sec-timeclip */
const LATEST = 8_640_000_000_000;

interface Implied {
  /** Whether the kind's consent began with the ledger, so that there was none before. */
  readonly isFirst: boolean;
}

/** Returns a history as JSON, or `undefined` for the one that its absence means. */
export function writeHistory({ complete, periods }: CountedHistory, { isFirst }: Implied): unknown {
  if (periods.length === 0 && complete === isFirst) return undefined;
  return { complete, periods };
}

/** Reads a history. Without it, an older version has written the ledger. */
export function readHistory(value: unknown, { isFirst }: Implied): CountedHistory {
  if (value === undefined) return isFirst ? NOTHING_COUNTED : HISTORY_UNKNOWN;
  const history = fields(value, 'earlier');
  const periods = array(history.periods, { limit: PERIODS_KEPT, name: 'earlier.periods' });
  return {
    complete: oneOf(history.complete, [true, false], 'earlier.complete'),
    periods: periods.map(readPeriod),
  };
}

function readPeriod(value: unknown): CountedPeriod {
  const period = fields(value, 'a period');
  return {
    began: time(period.began, 'began'),
    after: readMoment(period.after, 'after'),
    until: readMoment(period.until, 'until'),
    ended: time(period.ended, 'ended'),
  };
}

/** Reads a time and its resourceVersion. */
export function readMoment(value: unknown, name: string): ConsentStart {
  const moment = fields(value, name);
  return {
    createdAt: time(moment.createdAt, `${name}.createdAt`),
    resourceVersion: revision(moment.resourceVersion),
  };
}

/** Returns a time in whole seconds since the epoch. One that no date can have was edited: it becomes the last. */
function time(value: unknown, name: string): number {
  return Math.min(nonNegative(value, name), LATEST);
}

export function revision(value: unknown): string {
  const text = boundedText(value, 'a resourceVersion');
  if (text === '') throw new MalformedLedgerError('a resourceVersion is empty');
  return text;
}
