import type { Dispatcher } from 'undici';
import type { Time } from '../runtime/time.ts';

/**
 * Returns when the API server sent a response, by its clock, in whole seconds since the epoch. Without a `Date`
 * header it is the present by the local clock.
 */
export function sentAt(date: unknown, { now }: Pick<Time, 'now'>): number {
  const ms = Date.parse(String(date));
  return Math.floor((Number.isNaN(ms) ? now() : ms) / 1000);
}

/**
 * Call before sending a request. Returns a function that derives the API server's clock from the
 * response: the `Date` header plus the time since, in seconds since the epoch. Without that header
 * the local clock is used.
 *
 * The clock is never behind. The header has whole seconds, so up to one more has passed, and the
 * response may have been in transit since the request was sent.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.date
 */
export function serverClock(time: Pick<Time, 'now' | 'steady'>) {
  const sent = { steady: time.steady(), now: time.now() };

  return ({ headers }: Pick<Dispatcher.ResponseData, 'headers'>): (() => number) => {
    const date = Date.parse(String(headers.date));
    const then = Number.isNaN(date) ? sent.now : date + 999;
    return () => Math.floor((then + time.steady() - sent.steady) / 1000);
  };
}
