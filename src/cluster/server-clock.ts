import type { Dispatcher } from 'undici';
import type { Time } from '../runtime/time.ts';

/**
 * Returns the API server's clock, in seconds since the epoch, as its response's `Date` says and as
 * time goes on from there. A server without that header is taken to agree with this machine.
 *
 * It is never behind: the header has whole seconds, so up to one more has passed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.date
 */
export function serverClock(
  { headers }: Pick<Dispatcher.ResponseData, 'headers'>,
  time: Pick<Time, 'now' | 'steady'>,
): () => number {
  const date = Date.parse(String(headers.date));
  const receivedAt = time.steady();
  const then = Number.isNaN(date) ? time.now() : date + 999;
  return () => Math.floor((then + time.steady() - receivedAt) / 1000);
}
