import { HttpRefusal } from './http-refusal.ts';
import { PlaceError, StoreUnavailable } from './store/store.ts';

export interface RefusalOfOptions {
  readonly log: { readonly error: (fields: object, message: string) => void };
}

/**
 * Returns the response to an error: 503 if the store is unavailable, 400 for a wrong place, and 500 with a line in the log for
 * everything that is not a refusal.
 */
export function refusalOf(error: unknown, { log }: RefusalOfOptions): HttpRefusal {
  if (error instanceof HttpRefusal) return error;
  if (error instanceof PlaceError) {
    return new HttpRefusal(error.message, { status: 400, code: 'wrong_query', cause: error });
  }
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
