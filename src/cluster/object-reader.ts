import type { Dispatcher } from 'undici';
import type { Kind, Sighting } from '../event.ts';
import type { JsonScanner } from './json-scanner.ts';
import type { ReadList } from './list-body.ts';

/** How the objects of a kind are requested, and what is kept of each. */
export interface ObjectReader<Item extends Sighting = Sighting> {
  /** The media types of a list, as the header `Accept` has them. */
  readonly listAccept: string;
  /** The same of a watch. */
  readonly watchAccept: string;
  /** Whether a watch also reports each change of an object. */
  readonly readsChanges: boolean;
  /** Reads the body of a list as a stream. Calls `onObject` with the kept parts of each object. */
  readonly readList: (
    response: Pick<Dispatcher.ResponseData, 'headers' | 'body'>,
    onObject: (object: unknown) => void,
  ) => Promise<ReadList>;
  /** Reads the body of a watch as a stream. Calls `onEvent` with the kept parts of each event. */
  readonly watchScanner: (onEvent: (event: unknown) => void) => JsonScanner;
  /**
   * Returns what is kept of an object. `seenAt` is the API server's clock, in seconds since the epoch.
   *
   * Throws a `MalformedResponseError` if a field is missing.
   */
  readonly itemOf: (kind: Kind, object: unknown, seenAt: number) => Item;
}
