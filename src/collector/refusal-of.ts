import { HttpRefusal } from './http-refusal.ts';
import { StoreUnavailable } from './store/store.ts';

export interface RefusalOfOptions {
  readonly log: { readonly error: (fields: object, message: string) => void };
}

/**
 * Returns the response to an error: 503 if the store is unavailable, and 500 with a line in the log for
 * everything that is not a refusal.
 */
export function refusalOf(error: unknown, { log }: RefusalOfOptions): HttpRefusal {
  if (error instanceof HttpRefusal) return error;
  if (error instanceof StoreUnavailable) return unavailable(error);
  log.error({ err: error }, 'request failed');
  return new HttpRefusal('The collector failed; try again.', { status: 500, code: 'internal' });
}

function unavailable({ message, cause }: StoreUnavailable): HttpRefusal {
  return new HttpRefusal(message, {
    status: 503,
    code: 'busy',
    headers: { 'Retry-After': '1' },
    cause,
  });
}
