import { isLater } from '../event.ts';
import { hasStatus, type KubeStatusError, MalformedResponseError } from './errors.ts';
import { isRevision } from './moment.ts';

/** Where a kind's watch has come to. A turn changes it in place. */
export interface Position {
  /** The collection's path, once it was found. */
  path: string | undefined;
  /** Everything up to here was observed. `undefined` asks for a list. */
  resourceVersion: string | undefined;
  listedAt: number;
  /** Whether this turn has listed the kind. */
  isListed: boolean;
  /**
   * The oldest moment from which the server can still be watched, as its last 410 has named it. Only a
   * watch from there shows what was created and deleted before the list that follows the 410.
   */
  oldest: string | undefined;
  /** When the server has accepted this turn's watch, by the steady clock. */
  openedAt: number | undefined;
  /** How many watches in a row have led nowhere. */
  badWatches: number;
}

/** So many fruitless watches in a row make the kind be listed afresh. */
const BAD_WATCH_LIMIT = 3;

/** Begins at a moment, or with a list if there is none. */
export function positionAt(resourceVersion: string | undefined, listedAt: number): Position {
  return {
    path: undefined,
    resourceVersion: isRevision(resourceVersion) ? resourceVersion : undefined,
    listedAt,
    isListed: false,
    oldest: undefined,
    openedAt: undefined,
    badWatches: 0,
  };
}

/** Forgets where the watch has come to: the next turn lists. */
export function resetPosition(position: Position): void {
  position.resourceVersion = undefined;
  position.oldest = undefined;
}

/** What an error says of a position: that it leads nowhere, or that the path is another one now. */
export function applyError(position: Position, error: unknown): void {
  if (error instanceof MalformedResponseError) position.badWatches += 1;
  // The kind may be served in another version, where the watch goes on.
  if (hasStatus(error, 404)) position.path = undefined;
  const isExpired = hasStatus(error, 410);
  const oldest = isExpired ? oldestAfter(error as KubeStatusError, position) : position.oldest;
  if (!isExpired && position.badWatches < BAD_WATCH_LIMIT) return;
  resetPosition(position);
  position.oldest = oldest;
}

/** A 410 right after a list refuses the very moment that the 410 before has named. */
function oldestAfter(
  { oldest }: KubeStatusError,
  { isListed, resourceVersion }: Position,
): string | undefined {
  if (isListed || resourceVersion === undefined || !isRevision(oldest)) return undefined;
  return isLater(oldest, resourceVersion) ? oldest : undefined;
}

/**
 * Takes in that the kind was listed, complete up to this moment. Returns whether the watch begins
 * somewhere else now.
 */
export function applyList(position: Position, resourceVersion: string, listedAt: number): boolean {
  const { resourceVersion: current, oldest = resourceVersion } = position;
  Object.assign(position, { listedAt, isListed: true, oldest: undefined, badWatches: 0 });
  // Listed as a safety net, the watch goes on where it was, so that nothing between is missed; but
  // not from what is no moment of this history (a restored etcd, an edited ledger): the watch would
  // wait for it, or be refused, for ever.
  if (current === resourceVersion) return false;
  if (current !== undefined && isLater(resourceVersion, current)) return false;
  const from = isLater(oldest, resourceVersion) ? resourceVersion : oldest;
  position.resourceVersion = isRevision(resourceVersion) ? from : undefined;
  return true;
}
