import type { Dispatcher } from 'undici';
import type { Time } from '../runtime/time.ts';

/**
 * Begins with a request. Returns what makes of its response the API server's clock, in seconds since
 * the epoch, as the response's `Date` says and as time goes on from there. A server without that header is taken to agree with this machine.
 *
 * It is never behind: the header has whole seconds, so up to one more has passed, and the response
 * may have been under way since the request was sent.
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
